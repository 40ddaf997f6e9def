import type { FastifyBaseLogger } from "fastify";
import type { SharedStore } from "../stores/store.js";

/** Logs the problems of the Redis that replicas share. */
export function logStore(log: FastifyBaseLogger, store: SharedStore): void {
  store.onChange((isUp, problem) => {
    if (isUp) log.info("Redis answers again");
    else if (problem === "MOVED")
      log.warn({ reason: problem }, "Redis is a cluster: set REDIS_URL to several of its nodes");
    else log.warn({ reason: problem }, "Redis cannot be used: every read goes to Chime");
  });
  store.onMalformed((values) =>
    log.warn({ values }, "Redis contains malformed values: they count as missing"),
  );
}
