type Report = (error: unknown) => void;

const ignore: Report = () => undefined;

/** Listeners that cannot end the process or change a result: an error of one is reported, and the others are called. */
export class Observers<Event> {
  readonly #listeners: ((event: Event) => void)[] = [];

  constructor(private readonly report: Report) {}

  add(listener: (event: Event) => void): void {
    this.#listeners.push(listener);
  }

  notify(event: Event): void {
    for (const listener of this.#listeners) {
      // A listener may be async.
      const result: unknown = guard(() => listener(event), this.report);
      if (result instanceof Promise)
        result.catch((error: unknown) => guard(() => this.report(error), ignore));
    }
  }
}

/** Runs an observer. @returns undefined if it throws */
export function guard<Result>(observe: () => Result, report: Report): Result | undefined {
  try {
    return observe();
  } catch (error) {
    try {
      report(error);
    } catch {
      // Nothing is left to report it to.
    }
    return undefined;
  }
}
