import type { Caller } from "../../graphql/caller.js";
import { PublicError } from "../../publicError.js";

/** Each keeps one call to Chime in flight, and a page of rows. */
const maxExports = 2;

/** Another export must end before this one may begin. */
export class ExportSlotError extends PublicError {
  override readonly name = "ExportSlotError";

  constructor(readonly code: "OVERLOADED" | "RATE_LIMITED") {
    super(
      code === "OVERLOADED"
        ? `${maxExports} exports are in progress. Try again later.`
        : "An export of this caller is in progress. Try again when it has ended.",
    );
  }
}

/** The exports in progress: one of each token's subject, so that no caller alone can keep the others waiting. */
export class ExportSlots {
  readonly #callers = new Set<string>();
  #taken = 0;

  /** @returns frees the slot. @throws ExportSlotError */
  take({ subject, issuer }: Caller): () => void {
    const caller = subject === undefined ? undefined : JSON.stringify([issuer, subject]);
    if (caller !== undefined && this.#callers.has(caller)) throw new ExportSlotError("RATE_LIMITED");
    if (this.#taken >= maxExports) throw new ExportSlotError("OVERLOADED");
    this.#taken++;
    if (caller !== undefined) this.#callers.add(caller);
    return () => {
      this.#taken--;
      if (caller !== undefined) this.#callers.delete(caller);
    };
  }
}
