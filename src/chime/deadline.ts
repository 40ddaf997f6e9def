import { setMaxListeners } from "node:events";

/** Why a signal has aborted. */
export const late = new Error("The deadline has passed.");
export const disconnected = new Error("The client has disconnected.");

/** An AbortSignal that aborts at a time, or earlier. Its timer runs only while calls are pending. */
export class Deadline {
  readonly #controller = new AbortController();
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param at by `performance.now()` */
  constructor(readonly at: number) {}

  get signal(): AbortSignal {
    if (performance.now() >= this.at) this.abort(late);
    return this.#controller.signal;
  }

  /** Aborts, unless it has. */
  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Lets the signal abort in time while this is pending. */
  async during<Output>(pending: Promise<Output>): Promise<Output> {
    this.#pending++;
    // Each pending call listens to the signal; Node warns from eleven listeners on.
    if (this.#pending === 8) setMaxListeners(0, this.#controller.signal);
    if (this.#pending === 1) {
      const milliseconds = Math.max(0, Math.ceil(this.at - performance.now()));
      this.#timer = setTimeout(() => this.abort(late), milliseconds);
    }
    try {
      return await pending;
    } finally {
      if (--this.#pending === 0) clearTimeout(this.#timer);
    }
  }
}
