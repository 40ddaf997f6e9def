import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { serviceFailure, serviceUnavailable, throttled } from "./errors.js";
import type { FaultKind } from "./faults.js";
import { errorReply, type Reply } from "./wire/response.js";

/**
 * Applies a fault to a request: most kinds preempt its work, some corrupt the reply to it.
 * @param work does the request's work
 * @param shutdown ends a hang
 * @returns the reply; undefined closes the connection
 */
export async function applyFault(
  kind: FaultKind | undefined,
  work: () => Promise<Reply>,
  response: ServerResponse,
  shutdown: AbortSignal,
): Promise<Reply | undefined> {
  switch (kind) {
    case undefined:
    case "latency":
      return work();
    case "429":
    case "throttle":
      return errorReply(throttled("A fault rule throttles this request."));
    case "500":
      return errorReply(serviceFailure("A fault rule fails this request."));
    case "503":
      return errorReply(serviceUnavailable("A fault rule makes Amazon Chime unavailable to this request."));
    case "502":
    case "504":
      return proxyReply(Number(kind));
    case "close":
      return undefined;
    case "hang":
      await once(response, "close", { signal: shutdown }).catch(() => undefined);
      return undefined;
    case "reset-before":
      return resetConnection(response);
    case "reset-after":
      await work();
      return resetConnection(response);
    case "truncate": {
      const reply = await work();
      // Without a body there is nothing to truncate.
      return reply.body.byteLength > 0 ? { ...reply, cutAfter: half(reply) } : reply;
    }
    case "malformed": {
      const reply = await work();
      return { ...reply, body: reply.body.subarray(0, half(reply)) };
    }
  }
}

const half = ({ body }: Reply): number => Math.ceil(body.byteLength / 2);

function resetConnection({ socket }: ServerResponse): undefined {
  socket?.resetAndDestroy();
}

/** The page of a load balancer for an unavailable service. */
function proxyReply(status: number): Reply {
  const body = Buffer.from(`<html><head><title>${status}</title></head><body>${status}</body></html>\n`);
  return { status, body, contentType: "text/html" };
}
