import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import { shuttingDown } from "../publicError.js";

export interface Shutdown {
  readonly hasBegun: boolean;
  /** Rejects new requests, answers those in progress, and closes the app. */
  begin(): Promise<void>;
}

/** Milliseconds that a client may take to read a response. */
const readTimeout = 5_000;

/**
 * Node's own close would cut responses that are being sent, and wait for connections that become
 * idle later, that a browser has opened in advance, or whose request never arrives in whole.
 *
 * @param timeout milliseconds that requests in progress may take
 * @param isWriting whether a write is in progress, even one whose client has disconnected
 * @param onBegin called when the shutdown begins
 */
export function addGracefulShutdown(
  app: FastifyInstance,
  timeout: number,
  isWriting: () => boolean,
  onBegin: () => void,
): Shutdown {
  const inProgress = new Map<IncomingMessage, ServerResponse>();
  const endedAt = new WeakMap<ServerResponse, number>();
  let hasBegun = false;

  app.addHook("onRequest", async ({ raw, url }, reply) => {
    if (hasBegun && !url.startsWith("/health/"))
      return reply
        .code(503)
        .headers({ connection: "close", "retry-after": "1" })
        .send(graphqlError(shuttingDown, "UPSTREAM_UNAVAILABLE"));
    inProgress.set(raw, reply.raw);
    // Unlike Fastify's onResponse, it is also emitted if the client disconnects.
    reply.raw.once("close", () => inProgress.delete(raw));
    return undefined;
  });

  /** A request that has not arrived in whole by now cannot be answered. */
  function isPending(request: IncomingMessage, response: ServerResponse): boolean {
    if (!response.writableEnded) return request.complete;
    const since = endedAt.get(response) ?? performance.now();
    endedAt.set(response, since);
    return performance.now() - since < readTimeout;
  }

  return {
    get hasBegun() {
      return hasBegun;
    },
    async begin() {
      hasBegun = true;
      onBegin();
      const deadline = performance.now() + timeout;
      const isBusy = () => isWriting() || [...inProgress].some((pair) => isPending(...pair));
      while (performance.now() < deadline && isBusy()) await sleep(25);
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
}
