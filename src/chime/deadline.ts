import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** Abort reasons. */
export const deadlinePassed = new Error("The deadline has passed.");
export const disconnected = new Error("The client has disconnected.");

/** Aborts at a time, or earlier. Its timer runs only while calls are pending. */
export class Deadline {
  readonly #listeners = new Set<() => void>();
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param at by `performance.now()` */
  constructor(readonly at: number) {}

  /** Why it has aborted; undefined if it has not. */
  get reason(): Error | undefined {
    if (performance.now() >= this.at) this.abort(deadlinePassed);
    return this.#reason;
  }

  /** Created when it is needed: few reads need one. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      // Each of a bulk write's pauses adds a listener; Node warns about more than ten.
      setMaxListeners(0, this.#controller.signal);
    }
    if (this.reason) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** An AbortSignal would search all its listeners at each change of them: too slow for 2,000 reads of one request. */
  onAbort(listener: () => void): void {
    this.#listeners.add(listener);
  }

  offAbort(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Keeps the timer running while this is pending. */
  async during<Output>(pending: Promise<Output>): Promise<Output> {
    this.#pending++;
    if (this.#pending === 1) {
      const milliseconds = Math.max(0, Math.ceil(this.at - performance.now()));
      this.#timer = setTimeout(() => this.abort(deadlinePassed), milliseconds);
    }
    try {
      return await pending;
    } finally {
      if (--this.#pending === 0) clearTimeout(this.#timer);
    }
  }
}

/** @throws deadlinePassed if it takes longer; the work itself is not aborted */
export async function within<Output>(milliseconds: number, work: Promise<Output>): Promise<Output> {
  const end = new AbortController();
  const timeout = delay(milliseconds, undefined, { signal: end.signal }).then(() => {
    throw deadlinePassed;
  });
  // Whichever is later has nobody to report to.
  for (const each of [work, timeout]) each.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    end.abort();
  }
}
