import { randomBytes } from "node:crypto";
import type { FastifyBaseLogger } from "fastify";
import type { CallRecord } from "./callRecord.js";
import { hasFailed, summarizeCalls, upstreamTime } from "./callSummary.js";
import { createKeyedHash } from "./keyedHash.js";
import type { CompletedRequest } from "./requestLifecycle.js";

export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Requests that machines send every few seconds. */
const isRoutine = (route: string): boolean => route.startsWith("/health/") || route === "/metrics";

/** AWS request ids in one line: enough also for a query of a thousand failed calls. */
const maxIds = 20;

/**
 * Logs a line for each request. Its fields are a closed list: from a client, only its name and version, the operation's
 * name and the request's id; from Chime, only the AWS request ids of calls.
 *
 * @param key of the hash that stands for a caller; absent: a random one
 */
export function createRequestLog(
  log: FastifyBaseLogger,
  key: string | Buffer = randomBytes(32),
): (request: CompletedRequest) => void {
  const hash = createKeyedHash(key);

  return ({ id, method, route, status, operation, client, codes, subject, calls, traceId, ...times }) => {
    const isDetailed = log.level === "debug" || log.level === "trace";
    const failed = calls.filter(hasFailed);
    // The gateway failed, or an operator has to find out whether a write was done.
    const isWarning = status >= 500 || codes.includes("OUTCOME_UNKNOWN");
    const ids = (isDetailed ? calls : failed).flatMap(({ requestId }) => requestId ?? []);
    const level = isRoutine(route) ? "debug" : isWarning ? "warn" : "info";
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
        operationHash: operation?.hash,
        client: client.name,
        clientVersion: client.version,
        codes: unlessEmpty(codes),
        caller: subject === undefined ? undefined : hash(subject),
        ...(calls.length > 0 && {
          calls: Object.fromEntries(summarizeCalls(calls).map(({ operation, count }) => [operation, count])),
          failed: failed.length > 0 ? countOutcomes(failed) : undefined,
          upstreamMs: Math.round(upstreamTime(calls)),
          waitedMs: Math.round(calls.reduce((max, { waited }) => Math.max(max, waited), 0)),
          retries: calls.reduce((sum, { retries }) => sum + retries, 0),
          throttles: calls.reduce((sum, { throttles }) => sum + throttles, 0),
          slowest: slowestOf(calls),
        }),
        awsRequestIds: unlessEmpty(ids.slice(0, maxIds)),
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
    counts[operation][outcome] = (counts[operation][outcome] ?? 0) + 1;
  }
  return counts;
}

/** The slowest call, with its id for AWS support. */
function slowestOf(calls: readonly CallRecord[]) {
  const duration = ({ milliseconds, waited }: CallRecord) => milliseconds - waited;
  const slowest = calls.reduce((longest, call) => (duration(call) > duration(longest) ? call : longest));
  const { operation, requestId: awsRequestId } = slowest;
  return { operation, ms: Math.round(duration(slowest)), awsRequestId };
}

const unlessEmpty = <Item>(items: readonly Item[]) => (items.length > 0 ? items : undefined);
