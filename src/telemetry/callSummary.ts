import type { CallRecord } from "./callRecord.js";

/** A missing resource is a valid answer, not a failure. */
export const hasFailed = ({ outcome }: CallRecord): boolean => outcome !== "OK" && outcome !== "NOT_FOUND";

/** All calls of one operation. */
interface OperationSummary {
  readonly operation: string;
  readonly count: number;
  readonly retries: number;
  /** The sum of the calls' durations, also where they overlap. */
  readonly ms: number;
}

/** @returns the operations in the order in which they first completed */
export function summarizeCalls(log: readonly CallRecord[]): OperationSummary[] {
  const totals = new Map<string, OperationSummary>();
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

/** Milliseconds in which at least one of the calls was waiting or in flight. */
export function upstreamTime(log: readonly CallRecord[]): number {
  let total = 0;
  let covered = 0;
  for (const { began, milliseconds } of log.toSorted((a, b) => a.began - b.began)) {
    const end = began + milliseconds;
    total += Math.max(0, end - Math.max(began, covered));
    covered = Math.max(covered, end);
  }
  return total;
}

/** A `Server-Timing` header, which browsers show beside the request. */
export function serverTiming(milliseconds: number, log?: readonly CallRecord[]): string {
  const metric = (name: string, duration: number) => `${name};dur=${duration.toFixed(1)}`;
  const calls = log && [
    metric("upstream", upstreamTime(log)),
    ...summarizeCalls(log).map(({ operation, count, ms }) => `${metric(operation, ms)};desc="${count}x"`),
  ];
  return [metric("total", milliseconds), ...(calls ?? [])].join(", ");
}
