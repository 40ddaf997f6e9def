import { awsLambdaFastify } from "@fastify/aws-lambda";
import { createUpstream } from "./chime/upstream.js";
import { unknownSettings } from "./config/unknownSettings.js";
import { openWarning, readLambdaConfig } from "./config.js";
import { type HttpEvent, requestOf, responseTo } from "./lambdaEvents.js";
import { silenceSdk } from "./lifecycle.js";
import { createApp } from "./server/app.js";
import { openStores } from "./stores/stores.js";
import { flushLog } from "./telemetry/logger.js";

silenceSdk();
for (const warning of unknownSettings(process.env)) console.warn(`WARNING: ${warning}`);
const config = await readLambdaConfig(process.env);
if (config.auth.isOpen) console.warn(`WARNING: ${openWarning}`);
const { shared, cache } = await openStores(config.cache);
const { app } = await createApp(
  { ...config, shared, trace: false },
  createUpstream({ ...config.chime, target: { mode: "remote", endpoint: config.chime.endpoint }, cache }),
);

const respond = awsLambdaFastify<object>(app, {
  // By default a query in a URL would be split at its commas.
  parseCommaSeparatedQueryParams: false,
  // No handler reads the event itself.
  decorateRequest: false,
});

/**
 * The gateway as an AWS Lambda function: behind a function URL, an HTTP API, a REST API or an Application Load
 * Balancer. Settings are environment variables as elsewhere, except for those on listening. It is created once, when Lambda starts the process.
 */
export async function handler(event: HttpEvent, context: object) {
  try {
    return responseTo(event, await respond(requestOf(event), context));
  } finally {
    // Lambda freezes the process as soon as the handler resolves.
    await flushLog();
  }
}

// Until the module is loaded, Lambda allocates a full vCPU.
await app.ready();
