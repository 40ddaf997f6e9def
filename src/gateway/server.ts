import type { ServerResponse } from "node:http";
import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from "@as-integrations/fastify";
import cors from "@fastify/cors";
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import type { Upstream } from "../chime/calls.js";
import type { UserPlanSettings } from "../chime/userPlan.js";
import { type AuthenticationSettings, createAuthentication } from "./authentication.js";
import { createAuthorizationPlugin, traceScope } from "./authorization.js";
import { answerClientError, createHttpServer, cutIfUnread } from "./connections.js";
import { createContext, type RequestContext } from "./context.js";
import { createFormatError, graphqlError, graphqlLimitError } from "./errors.js";
import { addExplorers } from "./explorer.js";
import { addHealthRoutes } from "./health.js";
import { addBodyLimits } from "./limits/body.js";
import { LimitError, type Limits, overLimit } from "./limits/limits.js";
import { createDocumentStore, createLimitsPlugin } from "./limits/plugin.js";
import { createAdmission } from "./overload.js";
import { createPersistedOperationsPlugin, type PersistedOperationsSettings } from "./persistedOperations.js";
import { createReportPlugin } from "./report.js";
import { requireRouterSecret } from "./routerSecret.js";
import { createSchema } from "./schema.js";
import { prepareToStop } from "./stopping.js";

export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface GatewaySettings {
  readonly host: string;
  readonly port: number;
  /** Which tokens are taken; absent: callers are not asked for one. */
  readonly authentication?: AuthenticationSettings | undefined;
  /** One of them must come with each request; absent: none. */
  readonly routerSecrets?: readonly string[] | undefined;
  /** Whether browsers are shown the explorers, and introspection is answered. */
  readonly explorer: boolean;
  /** An account that is surely there, for the explorers' example. */
  readonly exampleAccountId?: string | undefined;
  /** Origins whose pages may call the gateway from a browser. */
  readonly corsOrigins: readonly string[];
  /** What is logged to standard output, as JSON: this and what is graver. */
  readonly logLevel: LogLevel;
  /** Whether who sends `x-chime-trace: 1` is told what the request cost upstream; a token's scopes are above it. */
  readonly trace: boolean;
  readonly userPlan: UserPlanSettings;
  /** GraphQL requests under way at once. */
  readonly maxRequests: number;
  readonly persistedOperations?: PersistedOperationsSettings;
  readonly limits: Limits;
}

export interface Gateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new requests, answers those under way, and returns when all is quiet. */
  close(): Promise<void>;
}

/** Milliseconds between the deadline of the last request under way and the end of the waiting for it. */
const stopMargin = 250;

/** @throws an Error of one line if it cannot listen there, or if the manifest of persisted operations can't be read */
export async function startGateway(settings: GatewaySettings, upstream: Upstream): Promise<Gateway> {
  const { limits } = settings;
  const answerError = createErrorHandler(limits);
  const admission = createAdmission(settings.maxRequests);
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    serverFactory: (listener) => createHttpServer(admission.atDoor(listener)),
    clientErrorHandler: answerClientError,
    forceCloseConnections: "idle",
    logger: { level: settings.logLevel },
    frameworkErrors: answerError,
    logController: new LogController({ disableRequestLogging: true }),
  });
  app.addHook("onClose", async () => admission.close());
  app.addHook("onSend", async (_request, reply) => {
    cutIfUnread(reply.raw);
    // Only the explorers' pages are the same for everybody; they have a tag to ask again by.
    if (!reply.hasHeader("etag")) reply.header("cache-control", "no-store");
  });
  const stop = prepareToStop(app, upstream.longestRequest + stopMargin, () => upstream.writesUnderWay > 0);
  if (settings.routerSecrets) requireRouterSecret(app, settings.routerSecrets);
  const authentication = createAuthentication(app, settings.authentication, (error) =>
    app.log.error(withoutMessage(error), "the issuer's keys could not be fetched"),
  );
  addBodyLimits(app, limits);
  // The way from Fastify to Apollo makes a URL of it, and takes a failure for its own.
  app.addHook("onRequest", async ({ hostname, routeOptions }, reply) =>
    routeOptions.url !== "/graphql" || URL.canParse(`http://${hostname}/`)
      ? undefined
      : reply.code(400).send(graphqlError("The Host header names no host.", "BAD_REQUEST")),
  );
  const apollo = await startApollo(app, settings);
  if (settings.corsOrigins.length > 0) await app.register(cors, { origin: [...settings.corsOrigins] });
  if (settings.explorer) addExplorers(app, settings.exampleAccountId);

  app.route({
    url: "/graphql",
    method: ["GET", "POST"],
    onRequest: authentication.onRequest,
    handler: admission.limit(
      fastifyApolloHandler(apollo, {
        async context({ caller, headers }, { raw }) {
          if (!caller) throw new Error("Nobody has asked who calls.");
          const mayTrace = caller.scopes?.has(traceScope) ?? settings.trace;
          return createContext(
            upstream,
            settings.userPlan,
            caller,
            mayTrace && headers["x-chime-trace"] === "1",
            whenGone(raw),
          );
        },
      }),
    ),
  });
  app.route({
    url: "/graphql",
    method: ["PUT", "PATCH", "DELETE"],
    handler: (_request, reply) =>
      reply
        .code(405)
        .header("allow", "GET, POST")
        .send(graphqlError("GraphQL takes GET and POST.", "BAD_REQUEST")),
  });
  app.get("/", async (_request, reply) => reply.redirect("/graphql"));
  addHealthRoutes(app, upstream, authentication, stop);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(graphqlError("Nothing is here: GraphQL is at /graphql.", "NOT_FOUND")),
  );

  const { host, port } = settings;
  const url = await app.listen({ host, port }).catch((error: FastifyError) => {
    throw new Error(cannotListen(error, settings));
  });
  return { url, close: stop.now };
}

async function startApollo(
  app: FastifyInstance,
  { explorer, persistedOperations, limits }: GatewaySettings,
): Promise<ApolloServer<RequestContext>> {
  const formatError = createFormatError(limits, (error) =>
    app.log.error(withoutMessage(error), "unexpected error"),
  );
  const schema = createSchema();
  const apollo = new ApolloServer<RequestContext>({
    schema,
    formatError,
    // Whatever NODE_ENV says.
    includeStacktraceInErrorResponses: false,
    introspection: explorer,
    hideSchemaDetailsFromClientErrors: !explorer,
    stopOnTerminationSignals: false,
    logger: app.log,
    parseOptions: { maxTokens: limits.tokens, maxComments: limits.tokens },
    documentStore: createDocumentStore(),
    plugins: [
      ...(persistedOperations ? [createPersistedOperationsPlugin(persistedOperations, schema, limits)] : []),
      createLimitsPlugin(limits, schema),
      createAuthorizationPlugin(schema),
      fastifyApolloDrainPlugin(app),
      // A browser is shown the explorers before it comes to Apollo.
      ApolloServerPluginLandingPageDisabled(),
      createReportPlugin(formatError),
      // It walks every field of every answer for hints that the schema does not give.
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}

/** @returns aborted when the caller goes away before the answer is out */
function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** What fails before GraphQL begins is answered in GraphQL's form too: clients read one form of error only. */
const createErrorHandler =
  (limits: Limits) =>
  (error: FastifyError, { log }: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = error.statusCode ?? 500;
    if (error instanceof LimitError) return reply.code(400).send(graphqlLimitError(error));
    if (status === 413) return reply.code(413).send(graphqlLimitError(overLimit(limits, "bodyBytes")));
    // Its own message repeats the path, and no hook runs for it.
    if (error.code === "FST_ERR_BAD_URL")
      return reply
        .code(status)
        .header("cache-control", "no-store")
        .send(graphqlError("The path is no path.", "BAD_REQUEST"));
    if (status < 500) return reply.code(status).send(graphqlError(error.message, "BAD_REQUEST"));
    log.error(withoutMessage(error), "unexpected error");
    return reply.code(500).send(graphqlError("The gateway failed.", "INTERNAL_SERVER_ERROR"));
  };

/** The kind of an error and where it arose. Its message may quote what a caller sent. */
function withoutMessage(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  return { type: error.name, stack: error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) };
}

function cannotListen({ code, message }: FastifyError, { host, port }: GatewaySettings): string {
  if (code === "EADDRINUSE") return `PORT ${port} is in use on ${host}: stop what uses it or set another`;
  if (code === "EACCES")
    return `PORT ${port} needs rights that this process does not have: set one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST ${host} is not an address of this machine`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
