import { fastifyApolloHandler } from "@as-integrations/fastify";
import cors from "@fastify/cors";
import { type FastifyInstance, fastify, LogController } from "fastify";
import type { UserPlanSettings } from "../chime/reads/userPlan.js";
import type { Upstream } from "../chime/upstream.js";
import { writeOperations } from "../chime/writes/writes.js";
import { startApollo } from "../graphql/apollo.js";
import { traceScope } from "../graphql/authorization.js";
import { createContext } from "../graphql/context.js";
import { graphqlError } from "../graphql/errors.js";
import type { Limits } from "../graphql/limits/limits.js";
import type { PersistedOperationsSettings } from "../graphql/persistedOperations.js";
import type { SharedStore } from "../stores/store.js";
import { loggerSettings, onLinesDropped, withoutMessage } from "../telemetry/logger.js";
import { createOperationLabels } from "../telemetry/metricLabels.js";
import { createMetrics, type Metrics } from "../telemetry/metrics.js";
import { Observers } from "../telemetry/observers.js";
import { requestId } from "../telemetry/requestId.js";
import { addRequestLifecycle, type CompletedRequest } from "../telemetry/requestLifecycle.js";
import { createRequestLog, type LogLevel } from "../telemetry/requestLog.js";
import { onSpanError } from "../telemetry/spans.js";
import { logStore } from "../telemetry/storeLog.js";
import { inRequestSpan, traceCall } from "../telemetry/tracing.js";
import { type AuthenticationSettings, createAuthentication } from "./authentication.js";
import { requireUtf8 } from "./bodyEncoding.js";
import { addBodyLimits } from "./bodyLimits.js";
import { createPageHeaders, exposedHeaders } from "./corsHeaders.js";
import { addExplorers } from "./explorer.js";
import { addHealthRoutes, createReadiness } from "./health.js";
import { answerClientError, createHttpServer, cutIfUnread, isOut } from "./httpServer.js";
import { createAdmission } from "./loadShedding.js";
import { requireRouterSecret } from "./routerSecret.js";
import { createErrorHandler, reasonOf } from "./serverErrors.js";
import { prepareToStop, type Stop } from "./shutdown.js";

export interface AppSettings {
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
  /** What is logged to standard output: this and what is graver. */
  readonly logLevel: LogLevel;
  /** Of the hash that stands for a caller in the log; absent: one is made. */
  readonly logKey?: string | undefined;
  /** Names of operations that metrics learn. */
  readonly metricsOperations: number;
  /** Whether who sends `x-chime-trace: 1` is told what the request cost upstream; a token's scopes are above it. */
  readonly trace: boolean;
  readonly userPlan: UserPlanSettings;
  /** GraphQL requests under way at once. */
  readonly maxRequests: number;
  readonly persistedOperations?: PersistedOperationsSettings;
  /** Where replicas tell one another automatic persisted queries; absent: each has its own. */
  readonly shared?: SharedStore | undefined;
  readonly limits: Limits;
}

/** Milliseconds between the deadline of the last request under way and the end of the waiting for it. */
const stopMargin = 250;

/**
 * All of the gateway but the listening: where something else does that, such as AWS Lambda, requests are injected.
 *
 * @throws an Error of one line if the manifest of persisted operations can't be read
 */
export async function createApp(
  settings: AppSettings,
  upstream: Upstream,
): Promise<{ readonly app: FastifyInstance; readonly stop: Stop; readonly metrics: Metrics }> {
  const { limits } = settings;
  const answerError = createErrorHandler(limits);
  const admission = createAdmission(
    settings.maxRequests,
    createPageHeaders(settings.corsOrigins),
    (refused) => app.log.warn({ refused }, "overloaded: requests were refused"),
  );
  const labels = createOperationLabels(settings.metricsOperations);
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    serverFactory: (listener) => createHttpServer(admission.atDoor(listener)),
    clientErrorHandler: answerClientError,
    forceCloseConnections: "idle",
    logger: await loggerSettings(settings.logLevel),
    genReqId: requestId,
    frameworkErrors(error, request, reply) {
      beginUnrouted(request, reply, "BAD_REQUEST");
      return answerError(error, request, reply);
    },
    logController: new LogController({ disableRequestLogging: true }),
  });
  const logRequest = createRequestLog(app.log, settings.logKey);
  onLinesDropped((dropped) => app.log.warn({ dropped }, "log lines were dropped"));
  const reportObserverError = (error: unknown) => {
    metrics.countObserverError();
    app.log.error(withoutMessage(error), "an observer failed: no result is affected");
  };
  const observers = new Observers<CompletedRequest>(reportObserverError);
  observers.add(logRequest);
  observers.add((request) => metrics.countRequest(request));
  const beginUnrouted = addRequestLifecycle(app, {
    isSent: isOut,
    subjectOf: ({ caller }) => caller?.subject,
    onComplete(request) {
      // They have a counter of their own: a line for each would cost more than the refusal.
      if (request.codes[0] !== "OVERLOADED") observers.notify(request);
    },
  });
  upstream.onObserverError(reportObserverError);
  onSpanError(reportObserverError);
  upstream.onCall(traceCall);
  upstream.onAvailability((code) =>
    code ? app.log.warn({ code }, "Chime is unavailable") : app.log.info("Chime is available again"),
  );
  upstream.onConfigurationError((cause) =>
    app.log.error(
      { reason: reasonOf(cause) },
      "no call to Chime can be sent: check its credentials and settings",
    ),
  );
  app.addHook("onClose", async () => admission.close());
  if (settings.shared) logStore(app.log, settings.shared);
  app.addHook("onSend", async (_request, reply) => {
    cutIfUnread(reply.raw);
    // Only the explorers' pages are the same for everybody; they have a tag to ask again by.
    if (!reply.hasHeader("etag")) reply.header("cache-control", "no-store");
  });
  const stop = prepareToStop(app, upstream.longestRequest + stopMargin, () => upstream.load.writes > 0);
  if (settings.routerSecrets) requireRouterSecret(app, settings.routerSecrets);
  const authentication = createAuthentication(app, settings.authentication, (error) =>
    app.log.error(withoutMessage(error), "the issuer's keys could not be fetched"),
  );
  const checkReadiness = createReadiness(upstream, authentication, stop);
  const metrics = createMetrics({ upstream, admission, checkReadiness }, labels, writeOperations);
  upstream.onCall(metrics.countCall);
  requireUtf8(app);
  addBodyLimits(app, limits);
  // The way from Fastify to Apollo makes a URL of it, and takes a failure for its own.
  app.addHook("onRequest", async ({ hostname, routeOptions }, reply) =>
    routeOptions.url !== "/graphql" || URL.canParse(`http://${hostname}/`)
      ? undefined
      : reply.code(400).send(graphqlError("The Host header names no host.", "BAD_REQUEST")),
  );
  const apollo = await startApollo(app, settings, labels);
  if (settings.corsOrigins.length > 0)
    await app.register(cors, { origin: [...settings.corsOrigins], exposedHeaders });
  if (settings.explorer) addExplorers(app, settings.exampleAccountId);

  app.route({
    url: "/graphql",
    method: ["GET", "POST"],
    onRequest: authentication.onRequest,
    handler: admission.limited(
      inRequestSpan(
        fastifyApolloHandler(apollo, {
          async context({ caller, headers, lifecycle }) {
            if (!caller) throw new Error("Nobody has asked who calls.");
            const mayTrace = caller.scopes?.has(traceScope) ?? settings.trace;
            return createContext(
              upstream,
              settings.userPlan,
              caller,
              mayTrace && headers["x-chime-trace"] === "1",
              lifecycle,
              limits,
            );
          },
        }),
      ),
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
  addHealthRoutes(app, checkReadiness);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(graphqlError("Nothing is here: GraphQL is at /graphql.", "NOT_FOUND")),
  );
  return { app, stop, metrics };
}
