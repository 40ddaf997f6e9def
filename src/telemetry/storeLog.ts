import type { FastifyBaseLogger } from "fastify";
import type { SharedStore } from "../stores/store.js";

/** Logs the problems of the Redis that replicas share. */
export function logStore(log: FastifyBaseLogger, store: SharedStore): void {
  store.onChange((isUp) =>
    log.warn(isUp ? "Redis answers again" : "Redis does not answer: every read goes to Chime"),
  );
  store.onMalformed((values) =>
    log.warn({ values }, "Redis contains malformed values: they count as missing"),
  );
}
