import type { IncomingMessage, OutgoingHttpHeaders, RequestListener } from "node:http";
import type { RouteHandlerMethod } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import { requestId } from "../telemetry/requestId.js";
import { cutIfUnread } from "./httpServer.js";

/** Lets in as many GraphQL requests as can be answered promptly, and turns the rest away. */
export interface Admission {
  /** Turns requests away before anything else looks at them: that is what keeps it cheap. Others come to the listener. */
  atDoor(listener: RequestListener): RequestListener;
  /** Counts what a handler works on. By then the body is in: one that trickles in takes nobody's place. */
  limited(handler: RouteHandlerMethod): RouteHandlerMethod;
  /** Requests that handlers work on. */
  readonly underWay: number;
  /** Of them, how many may be at the moment. */
  readonly limit: number;
  /** Requests that were turned away so far. */
  readonly refused: number;
  close(): void;
}

/** What is not for GraphQL, such as a question of health, is always let in; and so are browsers that ask whether a page may ask. */
const isForGraphql = ({ url = "", method }: IncomingMessage): boolean =>
  /^\/graphql(?:\?|$)/.test(url) && method !== "OPTIONS";

const refusal = JSON.stringify(
  graphqlError("The gateway has more to do than it can: try again later.", "OVERLOADED"),
);
const refusalHeaders = {
  "content-type": "application/json; charset=utf-8",
  "content-length": Buffer.byteLength(refusal),
  "cache-control": "no-store",
  // Overload comes and goes by the second.
  "retry-after": "1",
};

/** Milliseconds between two looks at the event loop: how late a timer comes. */
const lookEvery = 20;
/** Milliseconds of looks that tell whether the loop is slow: a burst of requests is over before. */
const lookLong = 500;
/** Where looks themselves are rare, so many: a single long pause is no overload. */
const fewestLooks = 5;
/** Milliseconds that half of the looks may come late. A request waits so several times, and a question of health once. */
const mostDelay = 20;
/** Milliseconds after which a turn of the loop begins no more work: so long the next look, and everybody else, has waited. */
const longestTurn = 500;
/** So many are let in however slow the loop is. */
const fewest = 64;
/** Milliseconds between two warnings: who has more to do than he can does not write a line for each refusal. */
const warnEvery = 1_000;

/**
 * Two things bound the requests under way. Those that wait for Chime cost memory only: `maxRequests` may be many. Those
 * that keep the process busy delay each other, and the more so the more they are: so the limit shrinks to what leaves the
 * event loop prompt, and grows again when it is.
 *
 * @param pageHeaders what else a refusal has to say for a page in a browser to read it
 * @param warn told now and then how many were turned away since
 */
export function createAdmission(
  maxRequests: number,
  pageHeaders: (request: IncomingMessage) => OutgoingHttpHeaders | undefined,
  warn: (refused: number) => void,
): Admission {
  let underWay = 0;
  let refused = 0;
  let warned = { at: Number.NEGATIVE_INFINITY, refused };
  let limit = maxRequests;
  let looks = { since: performance.now(), delays: [] as number[], most: 0 };
  let lookedAt = looks.since;
  const looking = setInterval(look, lookEvery).unref();

  function look(): void {
    const now = performance.now();
    looks.delays.push(now - lookedAt - lookEvery);
    looks.most = Math.max(looks.most, underWay);
    lookedAt = now;
    if (looks.delays.length < fewestLooks || now - looks.since < lookLong) return;
    const delay = looks.delays.toSorted((a, b) => a - b)[looks.delays.length >> 1] ?? 0;
    if (delay <= mostDelay) limit = Math.min(maxRequests, limit * 1.25);
    // With few under way it is something else that keeps the machine busy.
    else if (looks.most > fewest) limit = Math.max(fewest, (looks.most * mostDelay) / delay);
    looks = { since: now, delays: [], most: 0 };
  }

  const isFull = () =>
    underWay >= limit || (underWay >= fewest && performance.now() - lookedAt > lookEvery + longestTurn);

  function refuse(): void {
    refused += 1;
    const now = performance.now();
    if (now - warned.at < warnEvery) return;
    warn(refused - warned.refused);
    warned = { at: now, refused };
  }

  return {
    atDoor: (listener) => (request, response) => {
      if (!isFull() || !isForGraphql(request)) return listener(request, response);
      refuse();
      cutIfUnread(response);
      response
        .writeHead(503, { ...refusalHeaders, ...pageHeaders(request), "x-request-id": requestId(request) })
        .end(refusal);
    },
    limited: (handler) =>
      async function (request, reply) {
        if (isFull()) {
          refuse();
          request.lifecycle.codes = ["OVERLOADED"];
          return reply.code(503).headers(refusalHeaders).send(refusal);
        }
        underWay += 1;
        try {
          return await handler.call(this, request, reply);
        } finally {
          underWay -= 1;
        }
      },
    get underWay() {
      return underWay;
    },
    get limit() {
      return Math.floor(limit);
    },
    get refused() {
      return refused;
    },
    close: () => clearInterval(looking),
  };
}
