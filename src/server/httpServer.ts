import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { Socket } from "node:net";
import { graphqlError } from "../graphql/errors.js";

/** Milliseconds in which a client must send a request. */
const requestTimeout = 10_000;
/** Milliseconds without progress after which Node checks whether a client reads; it is disconnected at the next check. */
const writeTimeout = 7_000;
/** Milliseconds between two requests of a connection: longer than load balancers keep an idle one. */
const keepAliveTimeout = 72_000;

/** The HTTP server below Fastify. It disconnects clients that send nothing, or send slowly. */
export const createHttpServer = (listener: RequestListener): Server =>
  createServer(
    {
      headersTimeout: requestTimeout,
      requestTimeout,
      // Node's default is twice a minute.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout,
    },
    listener,
  );

/** Disconnects a client that does not read its response. To be called with the response, not while it is computed. */
export function limitWriteTime(response: ServerResponse): void {
  if (!hasConnection(response)) return;
  response.setTimeout(writeTimeout);
  // The next request of the connection may already wait, and take longer to answer.
  response.once("finish", () => response.setTimeout(0));
}

/** Whether a closed response was sent in whole. */
export const isOut = (response: ServerResponse): boolean =>
  response.writableFinished || (response.writableEnded && !hasConnection(response));

/** An injected request, as on AWS Lambda, has no connection: its response is sent once it is written. */
export const hasConnection = ({ req }: ServerResponse): boolean => req.socket instanceof Socket;

/** Answers malformed or timed-out requests. They are not logged: Node's error contains all bytes received. */
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
    return [408, `Request timed out after ${requestTimeout / 1000} seconds.`];
  if (code === "HPE_HEADER_OVERFLOW") return [431, "Request headers are too large."];
  return [400, "Malformed HTTP request."];
}
