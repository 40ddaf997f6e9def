import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { Socket } from "node:net";
import { graphqlError } from "../graphql/errors.js";

/** Milliseconds that a client may take to send a request. */
const sendingPatience = 10_000;
/** Milliseconds without progress after which Node looks whether a client reads its answer; it is cut when Node looks again. */
const readingPatience = 7_000;
/** Milliseconds that a connection may be idle between two requests: longer than load balancers keep theirs. */
const idlePatience = 72_000;

/** The HTTP server beneath Fastify. It cuts whoever connects and says nothing, or sends a request in trickles. */
export const createHttpServer = (listener: RequestListener): Server =>
  createServer(
    {
      headersTimeout: sendingPatience,
      requestTimeout: sendingPatience,
      // By default Node looks twice a minute.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: idlePatience,
    },
    listener,
  );

/** Cuts a client that does not read its answer. To be called when the answer is there: until then, silence is right. */
export function cutIfUnread(response: ServerResponse): void {
  if (!hasConnection(response)) return;
  response.setTimeout(readingPatience);
  // The connection's next request may be waiting already, and its answer take longer.
  response.once("finish", () => response.setTimeout(0));
}

/** Whether all of an answer has gone out. To be asked when the response is closed. */
export const isOut = (response: ServerResponse): boolean =>
  response.writableFinished || (response.writableEnded && !hasConnection(response));

/** An injected request, as on AWS Lambda, has none: its answer is out as soon as it is written. */
const hasConnection = ({ req }: ServerResponse): boolean => req.socket instanceof Socket;

/** Answers what is no HTTP request, or has not come in time. The error is not logged: it holds all that was received. */
export function answerClientError({ code }: { readonly code?: string }, socket: Socket): void {
  if (socket.writable) {
    const [status, message] = clientError(code);
    const body = JSON.stringify(graphqlError(message, "BAD_REQUEST"));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      "cache-control: no-store",
      "connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  }
  socket.destroy();
}

function clientError(code: string | undefined): [status: number, message: string] {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return [408, `The request did not come in whole within ${sendingPatience / 1000} seconds.`];
  if (code === "HPE_HEADER_OVERFLOW") return [431, "The headers are too large."];
  return [400, "Malformed HTTP request."];
}
