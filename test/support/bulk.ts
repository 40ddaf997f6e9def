/** One of the results of a bulk mutation. */
export interface Entry {
  readonly index: number;
  readonly outcome: string;
  readonly error: { readonly code: string; readonly message: string; readonly path: string[] | null } | null;
}

/** Outcome, code and path of each. */
export const short = (results: readonly Entry[]) =>
  results.map(({ outcome, error }) => [outcome, ...(error ? [error.code, error.path] : [])]);
