import { type Call, type Caller, createCall, type Scheduler } from "../client/scheduler.js";

/** One request's interest in a read that other requests may share. */
export interface Reader {
  readonly caller: Caller;
  /** Ends this reader's wait. The others go on waiting. */
  readonly signal: AbortSignal;
  /** When the signal aborts at the latest, by `performance.now()`. */
  readonly deadline: number;
}

/** Request coalescing: equal reads at the same moment share one call. */
export interface Coalescing {
  /**
   * @param key what is read: equal keys, equal answers. All readers of an answer get the same objects
   * @param start makes the call, if none is in flight
   */
  read<Output>(key: string, reader: Reader, start: (call: Call) => Promise<Output>): Promise<Output>;
  /** After a write: no reader from now on gets an answer to a call that started before. */
  clear(): void;
}

interface SharedCall {
  readonly call: Call;
  readonly answer: Promise<unknown>;
  readonly controller: AbortController;
  readers: number;
}

export function createCoalescing(scheduler: Scheduler): Coalescing {
  const inFlight = new Map<string, SharedCall>();

  function begin<Output>(key: string, reader: Reader, start: (call: Call) => Promise<Output>): SharedCall {
    const controller = new AbortController();
    const call = createCall(reader.caller, controller.signal, reader.deadline, () => true);
    const shared = { call, answer: start(call), controller, readers: 0 };
    inFlight.set(key, shared);
    return shared;
  }

  function end(key: string, shared: SharedCall): void {
    // After a write another one may have begun.
    if (inFlight.get(key) === shared) inFlight.delete(key);
  }

  return {
    read<Output>(key: string, reader: Reader, start: (call: Call) => Promise<Output>): Promise<Output> {
      const { signal, caller, deadline } = reader;
      if (signal.aborted) return Promise.reject(scheduler.lateError());
      const known = inFlight.get(key);
      if (known) scheduler.join(known.call, caller, deadline);
      const shared = known ?? begin(key, reader, start);
      shared.readers++;
      return new Promise((resolve, reject) => {
        const leave = () => {
          shared.readers--;
          if (shared.readers > 0) return reject(scheduler.lateError(shared.call));
          end(key, shared);
          // The call fails by that, and so does this reader.
          shared.controller.abort(signal.reason);
        };
        signal.addEventListener("abort", leave);
        const settle = () => {
          signal.removeEventListener("abort", leave);
          end(key, shared);
        };
        shared.answer.then(
          (output) => {
            settle();
            resolve(output as Output);
          },
          (error: unknown) => {
            settle();
            reject(error);
          },
        );
      });
    },
    clear: () => inFlight.clear(),
  };
}
