/** Why a wait is over: its time is up, or nobody waits any more. */
export type End = "late" | "left";

/**
 * How long somebody waits for an answer: until a deadline, as long as a wider patience lasts, or until he is told that it
 * is over. It ends once. Node's AbortSignals would say the same, but the three that each request takes cost a tenth of a small
 * query.
 */
export class Patience {
  readonly #until: number;
  readonly #wider: Patience | undefined;
  readonly #listeners = new Set<() => void>();
  #end: End | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param until by `performance.now()` */
  constructor(until = Number.POSITIVE_INFINITY, wider?: Patience) {
    this.#until = until;
    this.#wider = wider;
  }

  /** Undefined as long as it lasts. */
  get end(): End | undefined {
    return this.#end ?? this.#wider?.end ?? (performance.now() >= this.#until ? "late" : undefined);
  }

  finish(end: End = "left"): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#sleep();
    for (const listener of listeners) listener();
  }

  /** The listener is called when it ends, if that is still to come. */
  onEnd(listener: () => void): void {
    if (this.#listeners.size === 0) this.#watch();
    this.#listeners.add(listener);
  }

  offEnd(listener: () => void): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#sleep();
  }

  readonly #follow = (): void => this.finish(this.#wider?.end);

  /** Only where somebody listens: most requests have their answer before, and cost no timer. */
  #watch(): void {
    this.#wider?.onEnd(this.#follow);
    if (this.#until === Number.POSITIVE_INFINITY) return;
    const milliseconds = Math.max(0, Math.ceil(this.#until - performance.now()));
    this.#timer = setTimeout(() => this.finish("late"), milliseconds);
  }

  #sleep(): void {
    this.#wider?.offEnd(this.#follow);
    clearTimeout(this.#timer);
  }
}
