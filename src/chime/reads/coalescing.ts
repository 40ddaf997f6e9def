import { type Call, createCall, type QueueKey, type Scheduler, type Waiter } from "../client/scheduler.js";
import type { Deadline } from "../deadline.js";

/** A request that reads, and may share the call of another request. */
export interface ReadWaiter {
  readonly caller: QueueKey;
  /** Ends the wait of this reader only. */
  readonly deadline: Deadline;
}

/** Request coalescing: equal reads in flight share one call. */
export interface Coalescing {
  /**
   * @param key identifies the read. All readers of a response get the same objects
   * @param start makes the call, if none is in flight
   */
  read<Output>(key: string, reader: ReadWaiter, start: (call: Call) => Promise<Output>): Promise<Output>;
  /** Call it after a write: later readers do not share calls that started before. */
  clear(): void;
}

interface SharedCall {
  readonly call: Call;
  readonly response: Promise<unknown>;
  readonly controller: AbortController;
}

export function createCoalescing(scheduler: Scheduler): Coalescing {
  const inFlight = new Map<string, SharedCall>();

  function end(key: string, shared: SharedCall): void {
    // After a write a new call may have started.
    if (inFlight.get(key) === shared) inFlight.delete(key);
  }

  return {
    read<Output>(key: string, reader: ReadWaiter, start: (call: Call) => Promise<Output>): Promise<Output> {
      const { caller, deadline } = reader;
      if (deadline.reason) return Promise.reject(scheduler.lateError());
      return new Promise((resolve, reject) => {
        const settle = () => {
          deadline.offAbort(leave);
          shared.call.waiters.delete(waiter);
        };
        const fail = (error: Error) => {
          settle();
          reject(error);
          if (shared.call.waiters.size > 0) return;
          end(key, shared);
          shared.controller.abort(deadline.reason);
        };
        const leave = () => fail(scheduler.lateError(shared.call));
        const waiter: Waiter = { caller, sendBefore: deadline.at, fail };
        let shared = inFlight.get(key) as SharedCall;
        if (shared) {
          scheduler.join(shared.call, waiter);
          // Chime sent a Retry-After that is too long for this reader.
          if (!shared.call.waiters.has(waiter)) return;
        } else {
          const controller = new AbortController();
          const call = createCall("read", controller.signal);
          scheduler.join(call, waiter);
          shared = { call, response: start(call), controller };
          inFlight.set(key, shared);
        }
        deadline.onAbort(leave);
        shared.response.then(
          (output) => {
            settle();
            end(key, shared);
            resolve(output as Output);
          },
          (error: unknown) => {
            settle();
            end(key, shared);
            reject(error);
          },
        );
      });
    },
    clear: () => inFlight.clear(),
  };
}
