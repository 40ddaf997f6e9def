/** An error that clients may see as it is: its message and extensions hold no personal data. */
export abstract class PublicError extends Error {
  /** The stable code by which clients distinguish errors. */
  abstract readonly code: string;

  /** The error's `extensions` in a response. graphql copies them to the error that it wraps around this one. */
  get extensions(): { readonly code: string; readonly [name: string]: unknown } {
    return { code: this.code };
  }
}

/** What clients see of an error, beside its place. */
export type PublicPart = Pick<PublicError, "message" | "extensions">;
