import type { FastifyBaseLogger } from "fastify";
import type { SharedStore } from "../stores/store.js";

/** Logs what an operator has to know of the Redis that replicas share. */
export function logStore(log: FastifyBaseLogger, store: SharedStore): void {
  store.onChange((answers) =>
    log.warn(answers ? "Redis answers again" : "Redis does not answer: every read goes to Chime"),
  );
  store.onMalformed((values) =>
    log.warn({ values }, "Redis holds values that this gateway does not write: they count as missing"),
  );
}
