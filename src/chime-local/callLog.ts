/** A request to one of Chime's paths. */
export interface CallRecord {
  /** Undefined if no operation has this path. */
  operation?: string;
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  /** The response's status; undefined while there is no response, and if a fault prevented it. */
  status?: number;
  readonly requestId: string;
  /** Arrival, ISO 8601. */
  readonly at: string;
  /** Milliseconds since the server's start; two requests overlap if one starts before the other has finished. */
  readonly startedAt: number;
  finishedAt?: number;
  /** The faults that were applied, such as `latency+503`. */
  fault?: string;
}

export type CallLog = ReturnType<typeof createCallLog>;

const capacity = 10_000;

export function createCallLog() {
  const origin = performance.now();
  let total = 0;
  let counts = new Map<string, number>();
  let calls: CallRecord[] = [];

  return {
    /** Adds a request at its arrival; its entry is completed later. */
    start(method: string, path: string, requestId: string): CallRecord {
      const at = new Date().toISOString();
      const entry = { method, path, requestId, at, startedAt: performance.now() - origin };
      total += 1;
      // Shortened now and then: removing the oldest each time would move all others.
      if (calls.length === 2 * capacity) calls = calls.slice(-capacity);
      calls.push(entry);
      return entry;
    },
    route(entry: CallRecord, operation: string): void {
      entry.operation = operation;
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
    },
    finish(entry: CallRecord): void {
      entry.finishedAt = performance.now() - origin;
    },
    /** The number of all requests, and the last 10,000 of them, oldest first. */
    read() {
      return { total, counts: Object.fromEntries(counts), requests: calls.slice(-capacity) };
    },
    clear(): void {
      total = 0;
      counts = new Map();
      calls = [];
    },
  };
}
