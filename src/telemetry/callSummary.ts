import type { CallRecord } from "../chime/session.js";

/** That something does not exist is an answer too. */
export const hasFailed = ({ outcome }: Pick<CallRecord, "outcome">): boolean =>
  outcome !== "OK" && outcome !== "NOT_FOUND";

/** What the calls of one operation come to. */
export interface OperationCost {
  readonly operation: string;
  readonly count: number;
  readonly retries: number;
  /** The calls' own milliseconds: of calls at the same time, the sum. */
  readonly ms: number;
}

/** In the order in which the operations were first over. */
export function costByOperation(log: readonly CallRecord[]): OperationCost[] {
  const totals = new Map<string, OperationCost>();
  for (const { operation, retries, milliseconds } of log) {
    const total = totals.get(operation) ?? { operation, count: 0, retries: 0, ms: 0 };
    totals.set(operation, {
      operation,
      count: total.count + 1,
      retries: total.retries + retries,
      ms: total.ms + milliseconds,
    });
  }
  return Array.from(totals.values(), (total) => ({ ...total, ms: Math.round(total.ms) }));
}

/** Milliseconds in which at least one of the calls was waiting or under way. */
export function timeUpstream(log: readonly CallRecord[]): number {
  let total = 0;
  let covered = 0;
  for (const { began, milliseconds } of log.toSorted((a, b) => a.began - b.began)) {
    const end = began + milliseconds;
    total += Math.max(0, end - Math.max(began, covered));
    covered = Math.max(covered, end);
  }
  return total;
}

/** A `Server-Timing` header: browsers show it beside the request. */
export const serverTiming = (milliseconds: number, log?: readonly CallRecord[]): string =>
  [
    timing("total", milliseconds),
    ...(log
      ? [
          timing("upstream", timeUpstream(log)),
          ...costByOperation(log).map(
            ({ operation, count, ms }) => `${timing(operation, ms)};desc="${count}x"`,
          ),
        ]
      : []),
  ].join(", ");

const timing = (name: string, milliseconds: number): string => `${name};dur=${milliseconds.toFixed(1)}`;
