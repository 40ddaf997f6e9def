import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallLog, CallRecord } from "../callLog.js";
import { type Control, controlPrefix } from "../control.js";
import { badRequest, forbidden, isChimeError, serviceFailure } from "../errors.js";
import { applyFault } from "../faultEffects.js";
import type { Faults } from "../faults.js";
import type { Perform } from "../operations.js";
import { DataFileError } from "../store/database.js";
import { errorReply, type Reply, sendReply } from "./response.js";
import { findRoute, type Route } from "./routing.js";

interface ListenerParts {
  readonly perform: Perform;
  readonly control: Control;
  readonly faults: Faults;
  readonly log: CallLog;
  /** Aborted when the server stops: ends latencies and hangs. */
  readonly shutdown: AbortSignal;
  /** Takes a line for each internal error. */
  readonly logError: (line: string) => void;
}

const maxBodyBytes = 1024 * 1024;

/** Pages of other sites are rejected, whatever name they give 127.0.0.1 (DNS rebinding). */
const localHost = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;
const localOrigin = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** @returns a listener that sends one reply, or applies one fault, to each request; it never rejects */
export function createRequestListener({ perform, control, faults, log, shutdown, logError }: ListenerParts) {
  /** Credentials are neither required nor checked: curl works without them. */
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomUUID();
    const reply = await handle(request, response, requestId).catch((error) =>
      // The client of an incomplete request has disconnected.
      request.complete ? failureReply(error) : undefined,
    );
    if (reply) sendReply(response, reply, requestId, shutdown.aborted);
    else response.destroy();
  };

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<Reply | undefined> {
    const { method = "", url: target = "" } = request;
    if (!isLocal(request))
      return errorReply(forbidden("The embedded Chime only accepts requests addressed to localhost."));
    if (target.startsWith(controlPrefix)) {
      const body = await readBody(request);
      return body === undefined ? tooLarge() : control(method, target, body);
    }
    const entry = log.start(method, target, requestId);
    try {
      const reply = await handleOperation(request, response, entry);
      if (reply) entry.status = reply.status;
      return reply;
    } finally {
      log.finish(entry);
    }
  }

  async function handleOperation(
    request: IncomingMessage,
    response: ServerResponse,
    entry: CallRecord,
  ): Promise<Reply | undefined> {
    const body = await readBody(request);
    if (body === undefined) return tooLarge();
    let route: Route;
    try {
      route = findRoute(entry.method, entry.path);
    } catch (error) {
      return failureReply(error);
    }
    log.route(entry, route.operation.name);
    const { latency, other } = faults.pick(route.operation.name, entry.path);
    if (latency || other) entry.fault = [latency, other].flatMap((rule) => rule?.kind ?? []).join("+");
    if (latency?.ms) await sleep(latency.ms, undefined, { signal: shutdown }).catch(() => undefined);
    return applyFault(other?.kind, () => work(route, body), response, shutdown);
  }

  async function work({ operation, labels, query }: Route, body: string): Promise<Reply> {
    try {
      return { status: operation.status, body: await perform(operation, { labels, query, body }) };
    } catch (error) {
      return failureReply(error);
    }
  }

  function failureReply(error: unknown): Reply {
    if (isChimeError(error)) return errorReply(error);
    if (error instanceof DataFileError) {
      logError(error.message);
      // Every further write would fail, too. What was acknowledged is in the file.
      process.exit(1);
    }
    logError(`Internal error of the embedded Chime: ${error instanceof Error ? error.stack : error}`);
    return errorReply(serviceFailure("Internal error of the embedded Chime: see its output."));
  }
}

/** Chime has no error with this status. */
function tooLarge(): Reply {
  return errorReply(badRequest("The request's body is larger than 1 MiB."), 413);
}

function isLocal({ headers }: IncomingMessage): boolean {
  if (!localHost.test(headers.host ?? "")) return false;
  return headers.origin === undefined || localOrigin.test(headers.origin);
}

/** @returns undefined for a body over the limit, which is read to its end so that the client sees the response */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return "";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size <= maxBodyBytes ? Buffer.concat(chunks).toString() : undefined;
}
