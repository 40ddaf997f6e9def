/** Texts of errors that several places report. */
export const unexpectedResponse = "Chime returned an unexpected response.";
export const shuttingDown = "The gateway is shutting down.";
export const internalError = "Internal server error.";

/** An error that clients may see as it is: its message and extensions hold no personal data. */
export abstract class PublicError extends Error {
  /** The stable code by which clients distinguish errors. */
  abstract readonly code: string;

  /** The error's `extensions` in a response. graphql copies them to the error that it wraps around this one. */
  get extensions(): { readonly code: string; readonly [name: string]: unknown } {
    return { code: this.code };
  }
}

/** The parts of an error that clients see, beside its place. */
export type PublicPart = Pick<PublicError, "message" | "extensions">;
