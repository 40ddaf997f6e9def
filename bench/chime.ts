import type { Arrival } from "../test/chaos/scene.js";

/** Users of the large account, for look-ups that no page of a list serves. */
export const largeAccountUsers = 100_000;

/** Calls of which each began after the one before had ended, as many as there are: the depth of what happened. */
export function roundTrips(arrivals: readonly Arrival[]): number {
  let trips = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { startedAt, finishedAt = Number.POSITIVE_INFINITY } of arrivals.toSorted(byEnd)) {
    if (startedAt < end) continue;
    trips++;
    end = finishedAt;
  }
  return trips;
}

const byEnd = (a: Arrival, b: Arrival): number => (a.finishedAt ?? 0) - (b.finishedAt ?? 0);
