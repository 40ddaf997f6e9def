import type { ServerResponse } from "node:http";
import type { ChimeError } from "../errors.js";
import { encodeError } from "./wireFormat.js";

/** A response, without the headers that every response has. */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** The class name of a modelled error. */
  readonly errorType?: string;
  /** Bytes of the body to send before the connection is closed. Default: all. */
  readonly cutAfter?: number;
}

/** @param status replaces that of the error's schema */
export function errorReply(error: ChimeError, status?: number): Reply {
  const encoded = encodeError(error);
  return { status: status ?? encoded.status, body: encoded.body, errorType: error.name };
}

/** @param isLast whether the connection is closed after this reply */
export function sendReply(response: ServerResponse, reply: Reply, requestId: string, isLast: boolean): void {
  const { status, body, contentType = "application/json", errorType, cutAfter } = reply;
  response.writeHead(status, {
    ...(status !== 204 && { "content-type": contentType, "content-length": body.byteLength }),
    "x-amzn-requestid": requestId,
    ...(errorType && { "x-amzn-errortype": errorType }),
    ...(isLast && { connection: "close" }),
  });
  if (cutAfter === undefined) response.end(body);
  else response.write(body.subarray(0, cutAfter), () => response.destroy());
}
