import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { graphqlError } from "../graphql/errors.js";

export interface Stop {
  /** Whether the stopping has begun: then the gateway is not ready for more. */
  readonly begun: boolean;
  /** Answers what is under way, takes nothing new, and closes. */
  now(): Promise<void>;
}

/** Milliseconds that a caller may take to read an answer that is on its way. */
const readingPatience = 5_000;

/**
 * Prepares an orderly end. Left alone, Node closes connections whose answer is still on its way, and waits for those
 * that became idle late, that a browser has opened in advance, or whose request never comes in whole.
 *
 * @param patience milliseconds that answers under way may take
 * @param isWriting whether a write is under way, be its caller there yet or not
 */
export function prepareToStop(app: FastifyInstance, patience: number, isWriting: () => boolean): Stop {
  const underWay = new Map<IncomingMessage, ServerResponse>();
  const answered = new WeakMap<ServerResponse, number>();
  let begun = false;

  app.addHook("onRequest", async ({ raw, url }, reply) => {
    if (begun && !url.startsWith("/health/"))
      return reply
        .code(503)
        .header("connection", "close")
        .send(graphqlError("The gateway is stopping.", "UPSTREAM_UNAVAILABLE"));
    underWay.set(raw, reply.raw);
    // Unlike Fastify's own hook, it comes as well when the caller has given up.
    reply.raw.once("close", () => underWay.delete(raw));
    return undefined;
  });

  /** Whether it is worth waiting: a request that has not come in whole by now is none that anybody could answer. */
  function isOwed(request: IncomingMessage, response: ServerResponse): boolean {
    if (!response.writableEnded) return request.complete;
    const since = answered.get(response) ?? Date.now();
    answered.set(response, since);
    return Date.now() - since < readingPatience;
  }

  return {
    get begun() {
      return begun;
    },
    async now() {
      begun = true;
      const end = Date.now() + patience;
      const isBusy = () =>
        isWriting() || [...underWay].some(([request, response]) => isOwed(request, response));
      while (Date.now() < end && isBusy()) await sleep(25);
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
}
