/** Listeners that cannot end the process or change a result: what one of them throws is reported, and the others are called. */
export class Observers<Event> {
  readonly #listeners: ((event: Event) => void)[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(listener: (event: Event) => void): void {
    this.#listeners.push(listener);
  }

  notify(event: Event): void {
    for (const listener of this.#listeners) guard(() => listener(event), this.#onError);
  }
}

/** Runs an observer. @returns undefined if it throws */
export function guard<Result>(observe: () => Result, onError: (error: unknown) => void): Result | undefined {
  try {
    return observe();
  } catch (error) {
    try {
      onError(error);
    } catch {
      // Reporting has failed as well: nothing is left to do.
    }
    return undefined;
  }
}
