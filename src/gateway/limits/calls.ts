import type { Calls } from "../../chime/calls.js";
import { type Limits, overLimit } from "./limits.js";

/**
 * Ends the reads of a request that takes more calls than was estimated: where Chime's pages are short or empty, a list
 * takes more of them. Writes are never held back.
 */
export function limitCalls(calls: Calls, limits: Limits): Calls {
  let reads = 0;
  return {
    ...calls,
    async read(command, version) {
      reads++;
      if (reads > limits.calls) throw overLimit(limits, "calls");
      return calls.read(command, version);
    },
  };
}
