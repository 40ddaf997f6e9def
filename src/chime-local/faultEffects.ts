import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { serviceFailure, serviceUnavailable, throttled } from "./errors.js";
import type { FaultKind } from "./faults.js";
import { type Answer, errorAnswer } from "./response.js";

/** Faults that let the work be done and spoil its answer; all others strike instead of the work. */
const spoiling: ReadonlySet<FaultKind> = new Set(["reset-after", "truncate", "malformed"]);

export function strikesInsteadOfWork(kind: FaultKind): boolean {
  return !spoiling.has(kind);
}

/**
 * Strikes instead of the work.
 * @param stopping ends a hang
 * @returns what the client gets; for nothing, the connection is closed
 */
export async function strikeInstead(
  kind: FaultKind,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<Answer | undefined> {
  switch (kind) {
    case "429":
    case "throttle":
      return errorAnswer(throttled("A fault rule throttles this request."));
    case "500":
      return errorAnswer(serviceFailure("A fault rule fails this request."));
    case "503":
      return errorAnswer(serviceUnavailable("A fault rule makes Amazon Chime unavailable to this request."));
    case "502":
    case "504":
      return proxyAnswer(Number(kind));
    case "reset-before":
      reset(response);
      return undefined;
    case "hang":
      await once(response, "close", { signal: stopping }).catch(() => undefined);
      return undefined;
    default:
      // close
      return undefined;
  }
}

/**
 * Spoils the answer to work that has been done.
 * @returns what the client gets; for nothing, the connection is closed
 */
export function spoil(kind: FaultKind, answer: Answer, response: ServerResponse): Answer | undefined {
  const half = Math.ceil(answer.body.byteLength / 2);
  switch (kind) {
    case "truncate":
      return { ...answer, cutAfter: half };
    case "malformed":
      return { ...answer, body: answer.body.subarray(0, half) };
    default:
      // reset-after
      reset(response);
      return undefined;
  }
}

function reset({ socket }: ServerResponse): void {
  socket?.resetAndDestroy();
}

/** As a load balancer answers in front of a service that is away. */
function proxyAnswer(status: number): Answer {
  const body = Buffer.from(`<html><head><title>${status}</title></head><body>${status}</body></html>\n`);
  return { status, body, contentType: "text/html" };
}
