#!/usr/bin/env -S node --enable-source-maps
import { resolve } from "node:path";
import { createUpstream } from "./chime/upstream.js";
import type { ChimeLocalSettings } from "./chime-local/settings.js";
import { answerArguments } from "./cli.js";
import { openWarning, readConfig } from "./config.js";
import { runUntilStopped } from "./lifecycle.js";
import { startGateway } from "./server/listen.js";
import { openStores } from "./stores/stores.js";
import { startTraceExport } from "./telemetry/traceExport.js";

await runUntilStopped(async (keep) => {
  const answer = answerArguments(process.argv.slice(2));
  if (answer !== undefined) return console.log(answer);

  const { chimeLocal: local, remote, upstream, stores, ...config } = readConfig(process.env);
  if (config.traceEndpoint) keep(await startTraceExport(config.traceEndpoint));
  const chime = local && keep(await startEmbeddedChime(local));
  const target = chime
    ? ({ mode: "local", endpoint: chime.url } as const)
    : ({ mode: "remote", ...remote } as const);
  const { shared, cache } = keep(await openStores(stores));
  const gateway = keep(
    await startGateway(
      { ...config, shared, trace: Boolean(chime), exampleAccountId: chime?.exampleAccountId },
      keep(createUpstream({ ...upstream, target, cache })),
    ),
  );

  console.log(
    config.explorer
      ? `GraphQL and Apollo Sandbox  ${gateway.url}/graphql\nGraphiQL (no internet)      ${gateway.url}/graphiql`
      : `GraphQL                     ${gateway.url}/graphql`,
  );
  if (chime)
    console.log(`Embedded Chime              ${chime.url}
  State: ${local?.dataFile === ":memory:" ? "in memory, gone when it stops" : resolve(local?.dataFile ?? "")}
  Try: aws chime list-accounts --endpoint-url ${chime.url} --region us-east-1 --no-sign-request`);
  if (gateway.metricsUrl) console.log(`Metrics                     ${gateway.metricsUrl}`);
  if (config.open) console.error(openWarning);
  console.log("Ctrl-C stops.");
});

/** Loaded where it runs alone: a gateway of another Chime starts sooner without it, and needs no libsql. */
async function startEmbeddedChime(settings: ChimeLocalSettings) {
  const { startChimeLocal } = await import("./chime-local/server.js");
  const { SEED } = await import("./chime-local/seed.js");
  return { ...(await startChimeLocal(settings)), exampleAccountId: SEED.largeAccountId };
}
