import { performance } from "node:perf_hooks";

/** A request to one of Chime's paths. */
export interface LoggedRequest {
  /** Undefined where no operation has this path. */
  operation?: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  /** The answer's status; undefined while there is none, and where a fault took it. */
  status?: number;
  readonly requestId: string;
  /** When it arrived, ISO 8601. */
  readonly at: string;
  /** Milliseconds since the server's start; two requests overlap where one starts before the other has finished. */
  readonly startedAt: number;
  finishedAt?: number;
  /** The faults that struck it, such as `latency+503`. */
  fault?: string;
}

export interface RequestLog {
  /** Notes a request at its arrival; the rest is filled in as it becomes known. */
  start(method: string, path: string, requestId: string): LoggedRequest;
  route(entry: LoggedRequest, operation: string): void;
  finish(entry: LoggedRequest): void;
  /** All that has been counted, and the last 10,000 requests, oldest first. */
  read(): { total: number; counts: Record<string, number>; requests: LoggedRequest[] };
  clear(): void;
}

const capacity = 10_000;

export function createRequestLog(): RequestLog {
  const origin = performance.now();
  let total = 0;
  let counts = new Map<string, number>();
  let ring: LoggedRequest[] = [];

  return {
    start(method, path, requestId) {
      const entry = {
        method,
        path,
        requestId,
        at: new Date().toISOString(),
        startedAt: performance.now() - origin,
      };
      ring[total % capacity] = entry;
      total += 1;
      return entry;
    },
    route(entry, operation) {
      entry.operation = operation;
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
    },
    finish(entry) {
      entry.finishedAt = performance.now() - origin;
    },
    read() {
      const oldest = total > capacity ? total % capacity : 0;
      return {
        total,
        counts: Object.fromEntries(counts),
        requests: [...ring.slice(oldest), ...ring.slice(0, oldest)],
      };
    },
    clear() {
      total = 0;
      counts = new Map();
      ring = [];
    },
  };
}
