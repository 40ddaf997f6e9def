import { createHmac, randomBytes } from "node:crypto";
import type { FastifyBaseLogger } from "fastify";
import type { CallRecord } from "../chime/session.js";
import { costByOperation, hasFailed, timeUpstream } from "./callSummary.js";
import type { ObservedRequest } from "./requestLifecycle.js";

export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

/** What comes every few seconds, from machines. */
const isRoutine = (route: string): boolean => route.startsWith("/health/") || route === "/metrics";

/** Ids of Chime's in one line. A query of a thousand calls that all fail has said enough by then. */
const mostIds = 20;

/**
 * Logs a line for each request. All that may be in it is listed here: nothing that a caller has sent but the names of
 * its operation and of the request, and nothing that Chime has answered but its own ids of calls.
 *
 * @param key makes the hash that stands for a caller; a new one if absent
 */
export function createRequestLog(
  log: FastifyBaseLogger,
  key: string | Buffer = randomBytes(32),
): (request: ObservedRequest) => void {
  const hash = (subject: string) => createHmac("sha256", key).update(subject).digest("hex").slice(0, 16);

  return ({ id, method, route, status, operation, codes, subject, calls, traceId, ...times }) => {
    const isDetailed = log.level === "debug" || log.level === "trace";
    const failed = calls.filter(hasFailed);
    // The gateway has failed, or somebody has to find out what was done.
    const isGrave = status >= 500 || codes.includes("OUTCOME_UNKNOWN");
    const ids = (isDetailed ? calls : failed).flatMap(({ requestId }) => requestId ?? []);
    const level = isRoutine(route) ? "debug" : isGrave ? "warn" : "info";
    log[level](
      {
        requestId: id,
        method,
        route,
        status,
        ms: Math.round(times.milliseconds),
        bodyMs: times.bodyMilliseconds === undefined ? undefined : Math.round(times.bodyMilliseconds),
        operation: operation?.name || undefined,
        type: operation?.type || undefined,
        codes: unlessEmpty(codes),
        caller: subject === undefined ? undefined : hash(subject),
        ...(calls.length > 0 && {
          calls: Object.fromEntries(costByOperation(calls).map(({ operation, count }) => [operation, count])),
          failed: failed.length > 0 ? countOutcomes(failed) : undefined,
          upstreamMs: Math.round(timeUpstream(calls)),
          waitedMs: Math.round(calls.reduce((most, { waited }) => Math.max(most, waited), 0)),
          retries: sum(calls.map(({ retries }) => retries)),
          throttles: sum(calls.map(({ throttles }) => throttles)),
          slowest: slowestOf(calls),
        }),
        awsRequestIds: unlessEmpty(ids.slice(0, mostIds)),
        traceId,
      },
      "request",
    );
  };
}

/** `{ GetUser: { UPSTREAM_TIMEOUT: 2 } }` */
function countOutcomes(calls: readonly CallRecord[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { operation, outcome } of calls) {
    counts[operation] ??= {};
    const ofOperation = counts[operation];
    ofOperation[outcome] = (ofOperation[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The call that has taken longest, by the id that AWS asks for. */
function slowestOf(calls: readonly CallRecord[]) {
  const taken = ({ milliseconds, waited }: CallRecord) => milliseconds - waited;
  const slowest = calls.reduce((longest, call) => (taken(call) > taken(longest) ? call : longest));
  return {
    operation: slowest.operation,
    ms: Math.round(taken(slowest)),
    awsRequestId: slowest.requestId,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const unlessEmpty = <Item>(items: readonly Item[]) => (items.length > 0 ? items : undefined);
