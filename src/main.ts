#!/usr/bin/env node
import { createUpstream } from "./chime/calls.js";
import { SEED } from "./chime-local/seed.js";
import { startChimeLocal } from "./chime-local/server.js";
import { readConfig } from "./config.js";
import { startGateway } from "./gateway/server.js";
import { startTraceExport } from "./gateway/traceExport.js";
import { runUntilStopped } from "./lifecycle.js";

await runUntilStopped(async (keep) => {
  const { chimeLocal: local, remote, upstream, ...config } = readConfig(process.env);
  if (config.traceEndpoint) keep(await startTraceExport(config.traceEndpoint));
  const chime = local && keep(await startChimeLocal(local));
  const target = chime
    ? ({ mode: "local", endpoint: chime.url } as const)
    : ({ mode: "remote", ...remote } as const);
  const gateway = keep(
    await startGateway(
      { ...config, trace: Boolean(chime), exampleAccountId: chime && SEED.largeAccountId },
      keep(createUpstream({ ...upstream, target })),
    ),
  );

  console.log(
    config.explorer
      ? `GraphQL and Apollo Sandbox  ${gateway.url}/graphql\nGraphiQL (no internet)      ${gateway.url}/graphiql`
      : `GraphQL                     ${gateway.url}/graphql`,
  );
  if (chime)
    console.log(`Embedded Chime              ${chime.url}
  Try: aws chime list-accounts --endpoint-url ${chime.url} --region us-east-1 --no-sign-request`);
  if (gateway.metricsUrl) console.log(`Metrics                     ${gateway.metricsUrl}`);
  if (config.open)
    console.error("WARNING: AUTH=none: whoever reaches the gateway may do all that its credentials may.");
  console.log("Ctrl-C stops.");
});
