import type { ChimeSession } from "../../chime/session.js";
import { type Limits, overLimit } from "./limits.js";

/**
 * Ends the reads of a request that takes more calls than was estimated: where Chime's pages are short or empty, a list
 * takes more of them. Writes are never held back.
 */
export function limitCalls(session: ChimeSession, limits: Limits): ChimeSession {
  const { read } = session;
  let reads = 0;
  // The session belongs to this request: a copy of it would be slower.
  return Object.assign(session, {
    async read(...call: Parameters<typeof read>) {
      reads++;
      if (reads > limits.calls) throw overLimit(limits, "calls");
      return read(...call);
    },
  });
}
