#!/usr/bin/env -S node --enable-source-maps
import { resolve } from "node:path";
import { createUpstream } from "./chime/upstream.js";
import { handleArguments } from "./cli.js";
import type { ChimeLocalSettings } from "./config/chimeLocal.js";
import { unknownSettings } from "./config/unknownSettings.js";
import { openWarning, readStartableConfig } from "./config.js";
import { announce, runUntilStopped } from "./lifecycle.js";
import { packageJson } from "./packageJson.js";
import { startGateway } from "./server/listen.js";
import { openStores } from "./stores/stores.js";
import { startTelemetryExport } from "./telemetry/telemetryExport.js";

await runUntilStopped(async (register) => {
  const output = handleArguments(process.argv.slice(2), process.env);
  if (output !== undefined) return console.log(output);

  for (const warning of unknownSettings(process.env)) console.error(`WARNING: ${warning}`);
  const config = await readStartableConfig(process.env);
  const { mode, endpoint } = config.chime;
  register(await startTelemetryExport());
  const embedded = mode === "local" ? register(await startEmbeddedChime(config.chimeLocal)) : undefined;
  const { shared, cache } = register(await openStores(config.cache));
  const target = embedded
    ? ({ mode: "local", endpoint: embedded.url } as const)
    : ({ mode: "remote", endpoint } as const);
  const gateway = register(
    await startGateway(
      { ...config, shared, trace: Boolean(embedded), exampleAccountId: embedded?.exampleAccountId },
      register(createUpstream({ ...config.chime, target, cache })),
    ),
  );
  if (config.auth.isOpen) console.error(`WARNING: ${openWarning}`);

  const { url, metricsUrl } = gateway;
  const graphqlUrl = `${url}/graphql`;
  const graphiqlUrl = config.http.explorer ? `${url}/graphiql` : undefined;
  const { version } = packageJson;
  announce(
    {
      version,
      node: process.version,
      url,
      graphqlUrl,
      graphiqlUrl,
      metricsUrl,
      chimeUrl: embedded?.url,
      chimeData: embedded?.dataFile,
    },
    [
      `${graphiqlUrl ? "GraphQL and Apollo Sandbox" : "GraphQL"}: ${graphqlUrl}`,
      ...(graphiqlUrl ? [`GraphiQL (works offline): ${graphiqlUrl}`] : []),
      ...(metricsUrl ? [`Metrics: ${metricsUrl}`] : []),
      ...(embedded
        ? [
            `Embedded Chime: ${embedded.url}`,
            `  State: ${embedded.dataFile ?? "in memory, lost when it stops"}`,
            `  Try: aws chime list-accounts --endpoint-url ${embedded.url} --region us-east-1 --no-sign-request`,
          ]
        : []),
    ],
  );
});

/** Imported on demand: with a remote Chime the gateway starts faster without it, and needs no libsql. */
async function startEmbeddedChime(settings: ChimeLocalSettings) {
  const { startChimeLocal } = await import("./chime-local/server.js");
  const { SEED } = await import("./chime-local/seed/index.js");
  return {
    ...(await startChimeLocal(settings)),
    exampleAccountId: SEED.largeAccountId,
    dataFile: settings.dataFile === ":memory:" ? undefined : resolve(settings.dataFile),
  };
}
