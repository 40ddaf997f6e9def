import { setMaxListeners } from "node:events";

/** Why a signal has aborted. */
export const late = new Error("The deadline has passed.");
export const disconnected = new Error("The client has disconnected.");

/** An AbortSignal that aborts at a time, or when the client disconnects. Its timer runs only while calls are pending. */
export class Deadline {
  readonly #controller = new AbortController();
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param at by `performance.now()` */
  constructor(
    readonly at: number,
    client?: AbortSignal,
  ) {
    // A request has one deadline for its reads and one for each write; Node warns from ten listeners on.
    setMaxListeners(0, this.#controller.signal, ...(client ? [client] : []));
    const disconnect = () => this.#controller.abort(disconnected);
    if (client?.aborted) disconnect();
    else client?.addEventListener("abort", disconnect);
  }

  get signal(): AbortSignal {
    if (performance.now() >= this.at) this.#controller.abort(late);
    return this.#controller.signal;
  }

  /** Lets the signal abort in time while this is pending. */
  async during<Output>(pending: Promise<Output>): Promise<Output> {
    if (this.#pending++ === 0) {
      const milliseconds = Math.max(0, Math.ceil(this.at - performance.now()));
      this.#timer = setTimeout(() => this.#controller.abort(late), milliseconds);
    }
    try {
      return await pending;
    } finally {
      if (--this.#pending === 0) clearTimeout(this.#timer);
    }
  }
}
