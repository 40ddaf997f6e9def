import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
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

/** The headers of the request that a connection has sent last, if they have arrived. */
const lastHeaders = new WeakMap<Socket, IncomingHttpHeaders>();

/** The HTTP server below Fastify. It disconnects clients that send nothing, or send slowly. */
export const createHttpServer = (listener: RequestListener): Server =>
  createServer(
    {
      headersTimeout: requestTimeout,
      requestTimeout,
      // Node's default is twice a minute.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout,
      // Node would answer without a body and without CORS. The guards answer instead.
      requireHostHeader: false,
    },
    (request, response) => {
      lastHeaders.set(request.socket, request.headers);
      listener(request, response);
    },
  );

/** Disconnects a client that does not read its response. To be called with the response, not while it is computed. */
export function limitWriteTime(response: ServerResponse): void {
  if (!hasConnection(response)) return;
  response.setTimeout(writeTimeout);
  // The next request of the connection may already wait, and take longer to answer.
  response.once("finish", () => response.setTimeout(0));
}

/** Whether a closed response was sent in whole. */
export const isSent = (response: ServerResponse): boolean =>
  response.writableFinished || (response.writableEnded && !hasConnection(response));

/** An injected request, as on AWS Lambda, has no connection: its response is sent once it is written. */
export const hasConnection = ({ req }: ServerResponse): boolean => req.socket instanceof Socket;

/**
 * Answers malformed or timed-out requests. They are not logged: Node's error contains all bytes received.
 *
 * @param rawHeaders headers of a response that is sent without Fastify's hooks
 */
export const createClientErrorHandler =
  (rawHeaders: (headers: IncomingHttpHeaders) => OutgoingHttpHeaders) =>
  ({ code, rawPacket }: ClientError, socket: Socket): void => {
    if (socket.writable) {
      const [status, message] = clientError(code);
      const body = JSON.stringify(graphqlError(message, "BAD_REQUEST"));
      const headers = {
        ...rawHeaders(originIn(rawPacket) ?? lastHeaders.get(socket) ?? {}),
        ...(status === 408 && { "retry-after": "1" }),
        "content-length": Buffer.byteLength(body),
        connection: "close",
      };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
    }
    socket.destroy();
  };

interface ClientError {
  readonly code?: string;
  /** The bytes that Node could not parse, as a Buffer. */
  readonly rawPacket?: unknown;
}

/** The Origin in a head that Node has not parsed to its end. */
function originIn(bytes: unknown): { origin: string } | undefined {
  const text = Buffer.isBuffer(bytes) ? bytes.toString("latin1") : "";
  const [, origin] = /^origin:[ \t]*([^\r\n]*)/im.exec(text) ?? [];
  return origin === undefined ? undefined : { origin: origin.trim() };
}

function clientError(code: string | undefined): [status: number, message: string] {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return [408, `Request timed out after ${requestTimeout / 1000} seconds.`];
  if (code === "HPE_HEADER_OVERFLOW") return [431, "Request headers are too large."];
  return [400, "Malformed HTTP request."];
}
