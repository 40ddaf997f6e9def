import { fastifyApolloHandler } from "@as-integrations/fastify";
import { type FastifyInstance, fastify, LogController } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import { operations } from "../chime-api/operations.js";
import type { Config } from "../config/settings.js";
import { startApollo } from "../graphql/apollo.js";
import { createRequestAudit } from "../graphql/audit.js";
import { traceScope } from "../graphql/authorization.js";
import { createContext } from "../graphql/context.js";
import { graphqlError } from "../graphql/errors.js";
import { fixedLimits, type Limits } from "../graphql/limits/limits.js";
import { resolvers } from "../graphql/resolvers/index.js";
import type { SharedStore } from "../stores/store.js";
import { createAuditLog } from "../telemetry/auditLog.js";
import { clientName } from "../telemetry/clientName.js";
import { loggerSettings, onLinesDropped, withoutMessage } from "../telemetry/logger.js";
import { createNameLabels } from "../telemetry/metricLabels.js";
import { createMetrics, type Metrics } from "../telemetry/metrics.js";
import { Observers } from "../telemetry/observers.js";
import { requestId } from "../telemetry/requestId.js";
import { addRequestLifecycle, type CompletedRequest, isExport } from "../telemetry/requestLifecycle.js";
import { createRequestLog } from "../telemetry/requestLog.js";
import { onSpanError } from "../telemetry/spans.js";
import { logStore } from "../telemetry/storeLog.js";
import { inRequestSpan, traceCall } from "../telemetry/tracing.js";
import { createAuthentication } from "./authentication.js";
import { requireUtf8 } from "./bodyEncoding.js";
import { addBodyLimits } from "./bodyLimits.js";
import { addCompression } from "./compression.js";
import { addCors, createOriginCheck, createRawHeaders } from "./cors.js";
import { createErrorHandler } from "./errorHandler.js";
import { addExplorers, apolloOrigins } from "./explorer.js";
import { addUserExport, drainTime } from "./exports/userExport.js";
import {
  rejectForgedGet,
  rejectOtherMethods,
  requireLocalHost,
  requireRouterSecret,
  requireValidHost,
} from "./guards.js";
import { addHealthRoutes, type CheckReadiness, createReadiness } from "./health.js";
import { createClientErrorHandler, createHttpServer, isSent, limitWriteTime } from "./httpServer.js";
import { createLoadShedding } from "./loadShedding.js";
import { createRateLimit } from "./rateLimit.js";
import { addGracefulShutdown, type Shutdown } from "./shutdown.js";
import { logUpstream, reasonOf } from "./upstreamLog.js";

/** The parts of the configuration that concern requests, and what the entry point adds. */
export interface AppSettings
  extends Pick<Config, "chime" | "http" | "schema" | "auth" | "logging" | "persistedOperations"> {
  /** The fixed limits may be replaced as well. */
  readonly limits: Config["limits"] & Partial<Limits>;
  /** An existing account for the explorers' example. */
  readonly exampleAccountId?: string | undefined;
  /** Whether `x-chime-trace: 1` returns the calls to Chime; a token's scopes take precedence. */
  readonly trace: boolean;
  /** Stores automatic persisted queries for all replicas; undefined: each replica has its own. */
  readonly shared?: SharedStore | undefined;
  /** Maximum number of operation names in metrics. */
  readonly metricsOperations?: number;
  /** Milliseconds that the client of an export may pause. */
  readonly exportPauseLimit?: number;
}

const mutations = new Set(Object.keys(resolvers.Mutation).map((name) => name.toLowerCase()));
/** Chime's writes that are mutations: `resetPersonalPin` is ResetPersonalPIN. */
const writeOperations = Object.keys(operations).filter((name) => mutations.has(name.toLowerCase()));
/** Milliseconds from the deadline of the last request in progress to the end of the shutdown. */
const shutdownMargin = 250;

/**
 * Composes Fastify. It does not listen: on AWS Lambda, for example, requests are injected.
 *
 * @param onlyLocalHost rejects requests that are not addressed to this machine
 * @throws an Error of one line if the manifest of persisted operations cannot be read
 */
export async function createApp(
  settings: AppSettings,
  upstream: Upstream,
  onlyLocalHost = false,
): Promise<{ readonly app: FastifyInstance; readonly shutdown: Shutdown; readonly metrics: Metrics }> {
  const { http, auth, logging } = settings;
  const limits: Limits = { ...fixedLimits, ...settings.limits };
  const isAllowedOrigin = createOriginCheck(settings, http.explorer ? apolloOrigins : []);
  const rawHeaders = createRawHeaders(isAllowedOrigin);
  const handleError = createErrorHandler(limits);
  const loadShedding = createLoadShedding(http.maxRequests, rawHeaders, (rejected) =>
    app.log.warn({ rejected }, "overloaded: requests were rejected"),
  );
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    serverFactory: (listener) => createHttpServer(loadShedding.wrapListener(listener)),
    clientErrorHandler: createClientErrorHandler(rawHeaders),
    forceCloseConnections: "idle",
    // The hook of the graceful shutdown answers until the end, with CORS.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    logger: await loggerSettings(logging.level),
    genReqId: requestId,
    frameworkErrors(error, request, reply) {
      beginUnrouted(request, reply, "BAD_REQUEST");
      return handleError(error, request, reply.headers(rawHeaders(request.headers)));
    },
    logController: new LogController({ disableRequestLogging: true }),
  });
  const authentication = createAuthentication(app, auth.tokens, (error) =>
    app.log.error({ reason: reasonOf(error) }, "the issuer's signing keys could not be loaded"),
  );
  const labels = createNameLabels(settings.metricsOperations);
  const checkReadiness: CheckReadiness = () => readiness();
  const { shared } = settings;
  const metrics = createMetrics({ upstream, loadShedding, checkReadiness, shared }, labels, writeOperations);

  const auditLog =
    logging.audit && logging.key !== undefined
      ? createAuditLog(logging.audit, logging.key, app.log, metrics.countAuditLine)
      : undefined;
  app.addHook("onClose", async () => auditLog?.close());

  const reportObserverError = (error: unknown) => {
    metrics.countObserverError();
    app.log.error(withoutMessage(error), "an observer failed: no result is affected");
  };
  onLinesDropped((dropped) => app.log.warn({ dropped }, "log lines were dropped"));
  const observers = new Observers<CompletedRequest>(reportObserverError);
  observers.add(createRequestLog(app.log, logging.key));
  observers.add((request) => metrics.countRequest(request));
  onSpanError(reportObserverError);
  upstream.onObserverError(reportObserverError);
  upstream.onCall(traceCall);
  upstream.onCall(metrics.countCall);
  upstream.onLookup(metrics.countLookup);
  logUpstream(app.log, upstream);
  if (shared) logStore(app.log, shared);

  // The hooks, in the order in which they run.
  // 1. Request id, log line, metrics. First, because any later hook may answer.
  const beginUnrouted = addRequestLifecycle(app, {
    isSent,
    subjectOf: ({ caller }) => caller?.subject,
    onComplete(request) {
      // Rejections by load shedding have their own counter: a line for each would cost more than the rejection.
      if (request.codes[0] !== "OVERLOADED" || isExport(request.route)) observers.notify(request);
    },
  });
  // 2. On each response: no guessing of types, no caching, except for GraphiQL's page, which has an ETag.
  app.addHook("onSend", async (_request, reply) => {
    limitWriteTime(reply.raw);
    reply.header("x-content-type-options", "nosniff");
    if (!reply.hasHeader("etag")) reply.header("cache-control", "no-store");
    if ([429, 503].includes(reply.statusCode) && !reply.hasHeader("retry-after"))
      reply.header("retry-after", "1");
  });
  // 3. CORS. Before rejections, because without its headers a page gets a network error instead.
  await addCors(app, isAllowedOrigin);
  // 4. Rejections before the body is read: 503, 403, 400, 403.
  const shutdown = addGracefulShutdown(
    app,
    Math.max(upstream.maxRequestMs, drainTime) + shutdownMargin,
    () => upstream.load.writes > 0,
    () => exports.drain(),
  );
  if (auth.routerSecrets) requireRouterSecret(app, auth.routerSecrets);
  requireValidHost(app);
  if (onlyLocalHost) requireLocalHost(app);
  // 5. The explorers' pages, which need no token.
  if (http.explorer) addExplorers(app, settings.exampleAccountId, settings.schema.prefix);
  // 6. A forged GET is rejected, then `authentication.onRequest` and the rate limit, of the route only.
  rejectForgedGet(app, isAllowedOrigin);
  const limitRate =
    http.rateLimit === undefined
      ? undefined
      : await createRateLimit(app, http.rateLimit, settings.shared, metrics.countUnlimitedRequest);
  const onRequest = limitRate ? [authentication.onRequest, limitRate] : [authentication.onRequest];
  // 7. Rejections by the body: charset and encoding before it is read, UTF-8 and limits before it is parsed.
  requireUtf8(app);
  addBodyLimits(app, limits);
  // 8. The response is compressed.
  await addCompression(app);
  app.addHook("onClose", async () => loadShedding.close());

  const readiness = createReadiness(upstream, authentication, shutdown);
  const { apollo, schema } = await startApollo(app, { ...settings, limits }, labels);
  const handler = fastifyApolloHandler(apollo, {
    async context({ id, caller, headers, lifecycle }) {
      if (!caller) throw new Error("request.caller is not set");
      const mayTrace = caller.scopes?.has(traceScope) ?? settings.trace;
      const trace = mayTrace && headers["x-chime-trace"] === "1";
      const request = { requestId: id, caller, client: clientName(headers), lifecycle };
      const audit = auditLog && createRequestAudit(auditLog, request);
      return createContext(upstream, caller, trace, lifecycle, limits, audit);
    },
  });
  app.route({
    url: "/graphql",
    method: ["GET", "POST"],
    onRequest,
    handler: loadShedding.wrapHandler(inRequestSpan(handler)),
  });
  rejectOtherMethods(app, "/graphql", ["GET", "POST"]);
  const exports = addUserExport(app, {
    upstream,
    schema,
    onRequest,
    auditLog,
    pauseLimit: settings.exportPauseLimit,
  });
  // Relative: behind a proxy, the paths may have a prefix.
  app.get("/", async (_request, reply) => reply.redirect("graphql"));
  addHealthRoutes(app, checkReadiness);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(graphqlError("Not found. The GraphQL endpoint is /graphql.", "NOT_FOUND")),
  );
  return { app, shutdown, metrics };
}
