import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, RequestListener } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RouteHandlerMethod } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import { requestId } from "../telemetry/requestId.js";
import { limitWriteTime } from "./httpServer.js";

export interface LoadShedding {
  /** Rejects requests before Fastify parses them, which keeps a rejection cheap. */
  wrapListener(listener: RequestListener): RequestListener;
  /** Counts the requests of a handler. Their bodies have arrived: a slow upload takes up no capacity. */
  wrapHandler(handler: RouteHandlerMethod): RouteHandlerMethod;
  /** Requests in handlers. */
  readonly inProgress: number;
  /** The current limit of requests in handlers. */
  readonly limit: number;
  /** Requests rejected so far. */
  readonly rejected: number;
  close(): void;
}

/** Health checks and CORS preflights are never rejected. */
const isGraphql = ({ url = "", method }: IncomingMessage): boolean =>
  /^\/graphql\/?(?:\?|$)/.test(url) && method !== "OPTIONS";

const rejection = graphqlError("The gateway is overloaded. Try again later.", "OVERLOADED");
const rejectionBody = JSON.stringify(rejection);
const rejectionHeaders = { "retry-after": "1" };

/** Milliseconds between two samples of the event loop's delay. */
const sampleInterval = 20;
/** Milliseconds of samples that are evaluated together: longer than a burst of requests. */
const sampleWindow = 500;
/** Below this many samples, a single long pause would look like overload. */
const minSamples = 5;
/** Milliseconds of delay, by the median. A health check waits this long once, a query several times. */
const maxDelay = 20;
/** The limit while the event loop is delayed: with fewer requests, something else keeps the machine busy. */
const delayedLimit = 64;
/** Milliseconds between two warnings. */
const warnInterval = 1_000;

/**
 * Rejects GraphQL requests beyond `maxRequests` in progress, or beyond 64 while the event loop is delayed. Requests that
 * wait for Chime only cost memory; those that use the processor delay each other and everything else.
 *
 * @param rawHeaders headers of a response that is sent without Fastify's hooks
 * @param warn called at most once a second with the number of requests rejected since
 */
export function createLoadShedding(
  maxRequests: number,
  rawHeaders: (headers: IncomingHttpHeaders) => OutgoingHttpHeaders,
  warn: (rejected: number) => void,
): LoadShedding {
  let inProgress = 0;
  let rejected = 0;
  let limit = maxRequests;
  let nextWarning = 0;
  let warned = 0;
  const delays = monitorEventLoopDelay({ resolution: sampleInterval });
  delays.enable();
  const sampling = setInterval(() => {
    if (delays.count < minSamples) return;
    // A sample includes the interval itself.
    const delay = delays.percentile(50) / 1e6 - sampleInterval;
    limit = delay > maxDelay ? Math.min(maxRequests, delayedLimit) : maxRequests;
    delays.reset();
  }, sampleWindow).unref();

  function countRejection(): void {
    rejected += 1;
    const now = performance.now();
    if (now < nextWarning) return;
    warn(rejected - warned);
    nextWarning = now + warnInterval;
    warned = rejected;
  }

  return {
    wrapListener: (listener) => (request, response) => {
      if (inProgress < limit || !isGraphql(request)) return listener(request, response);
      countRejection();
      limitWriteTime(response);
      response
        .writeHead(503, {
          ...rawHeaders(request.headers),
          ...rejectionHeaders,
          "content-length": Buffer.byteLength(rejectionBody),
          "x-request-id": requestId(request),
        })
        .end(rejectionBody);
    },
    wrapHandler: (handler) =>
      async function (request, reply) {
        if (inProgress >= limit) {
          countRejection();
          return reply.code(503).headers(rejectionHeaders).send(rejection);
        }
        inProgress += 1;
        try {
          return await handler.call(this, request, reply);
        } finally {
          inProgress -= 1;
        }
      },
    get inProgress() {
      return inProgress;
    },
    get limit() {
      return limit;
    },
    get rejected() {
      return rejected;
    },
    close() {
      clearInterval(sampling);
      delays.disable();
    },
  };
}
