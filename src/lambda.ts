import { awsLambdaFastify } from "@fastify/aws-lambda";
import { createUpstream } from "./chime/upstream.js";
import { ConfigError, openWarning, readConfig } from "./config.js";
import { silenceSdk } from "./lifecycle.js";
import { createApp } from "./server/app.js";
import { openStores } from "./stores/stores.js";

silenceSdk();
const { chimeLocal, remote, upstream, stores, ...config } = readConfig({
  ...process.env,
  NODE_ENV: "production",
});
if (chimeLocal)
  throw new ConfigError([
    "CHIME_MODE must be remote: on AWS Lambda nothing keeps the embedded Chime's state",
  ]);
if (config.open) console.warn(openWarning);
const { shared, cache } = await openStores(stores);
const { app } = await createApp(
  { ...config, shared, trace: false },
  createUpstream({ ...upstream, target: { mode: "remote", ...remote }, cache }),
);

const answer = awsLambdaFastify<object>(app, {
  // GraphQL is full of commas: by default a query in a URL would come in pieces.
  parseCommaSeparatedQueryParams: false,
  // Nothing here looks at the event itself.
  decorateRequest: false,
});

/** What an HTTP API and a function URL say of the URL; a REST API says it otherwise. */
interface UrlEvent {
  readonly rawPath?: string;
  readonly rawQueryString?: string;
}

/** Takes the query string as it came: what AWS has decoded has U+FFFD in place of bytes that are not UTF-8. */
const withRawQuery = ({ rawPath, rawQueryString, ...event }: UrlEvent): object =>
  rawQueryString
    ? { ...event, rawPath: `${rawPath}?${rawQueryString}`, queryStringParameters: undefined }
    : { ...event, rawPath };

/**
 * The gateway as an AWS Lambda function: behind a function URL, an HTTP API or a REST API. Settings are environment
 * variables as elsewhere, those of listening aside. It is made once, when Lambda starts the process.
 */
export const handler = (event: UrlEvent, context: object) => answer(withRawQuery(event), context);

// What is made by now is made while Lambda still lends the whole processor.
await app.ready();
