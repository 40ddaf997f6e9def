import type { ServerResponse } from "node:http";
import type { ChimeError } from "./errors.js";
import { encodeError } from "./wireFormat.js";

/** What goes back to a client, beside the headers that every answer has. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  /** `application/json` if there is none. */
  readonly contentType?: string;
  /** The class name of a modelled error. */
  readonly errorType?: string;
  /** Bytes of the body to send before the connection ends; all of them if there is none. */
  readonly cutAfter?: number;
}

/** @param status replaces the one of the error's shape */
export function errorAnswer(error: ChimeError, status?: number): Answer {
  const encoded = encodeError(error);
  return { status: status ?? encoded.status, body: encoded.body, errorType: error.name };
}

/** @param last whether the connection ends with this answer */
export function sendAnswer(response: ServerResponse, answer: Answer, requestId: string, last: boolean): void {
  const { status, body, contentType = "application/json", errorType, cutAfter } = answer;
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": body.byteLength,
    "x-amzn-requestid": requestId,
    ...(errorType && { "x-amzn-errortype": errorType }),
    ...(last && { connection: "close" }),
  });
  if (cutAfter === undefined) response.end(body);
  else response.write(body.subarray(0, cutAfter), () => response.destroy());
}
