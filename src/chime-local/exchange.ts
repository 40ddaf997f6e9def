import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoggedRequest, RequestLog } from "./callLog.js";
import { type Control, controlPrefix } from "./control.js";
import { badRequest, forbidden, isChimeError, serviceFailure } from "./errors.js";
import { spoil, strikeInstead, strikesInsteadOfWork } from "./faultEffects.js";
import type { Faults } from "./faults.js";
import type { Perform } from "./operations.js";
import { type Answer, errorAnswer, sendAnswer } from "./response.js";
import { findRoute, type Route } from "./routing.js";

interface ExchangeParts {
  readonly perform: Perform;
  readonly control: Control;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Aborted when the server stops: what waits on purpose waits no longer. */
  readonly stopping: AbortSignal;
  /** Told of failures that are the server's own. */
  readonly report: (line: string) => void;
}

const maxBodyBytes = 1024 * 1024;

/** Pages of other sites get nowhere, whatever name they give 127.0.0.1 (DNS rebinding). */
const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const localOrigin = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Makes the HTTP server's listener: one request in, one answer (or one fault) out. It never rejects. */
export function createExchange({ perform, control, faults, log, stopping, report }: ExchangeParts) {
  /** Credentials are neither asked for nor looked at: curl may do without. */
  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const answer = await answerRequest(request, response, requestId).catch((error) =>
      // A request that broke off while it came in has nobody to answer.
      request.complete ? failureAnswer(error) : undefined,
    );
    if (answer) sendAnswer(response, answer, requestId, stopping.aborted);
    else response.destroy();
  }

  async function answerRequest(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<Answer | undefined> {
    const { method = "", url: target = "" } = request;
    if (!isLocal(request))
      return errorAnswer(forbidden("The embedded Chime answers requests to localhost alone."));
    if (target.startsWith(controlPrefix)) {
      const controlBody = await readBody(request);
      if (controlBody === undefined) return tooLarge();
      const { status, body } = control(method, target, controlBody);
      return { status, body: Buffer.from(JSON.stringify(body)) };
    }
    const entry = log.start(method, target, requestId);
    try {
      const answer = await answerOperation(request, response, entry);
      if (answer) entry.status = answer.status;
      return answer;
    } finally {
      log.finish(entry);
    }
  }

  async function answerOperation(
    request: IncomingMessage,
    response: ServerResponse,
    entry: LoggedRequest,
  ): Promise<Answer | undefined> {
    const body = await readBody(request);
    if (body === undefined) return tooLarge();
    let route: Route;
    try {
      route = findRoute(entry.method, entry.path);
    } catch (error) {
      return failureAnswer(error);
    }
    log.route(entry, route.operation.name);
    const { latency, other } = faults.strike(route.operation.name, entry.path);
    if (latency || other) entry.fault = [latency, other].flatMap((fault) => fault?.kind ?? []).join("+");
    if (latency?.ms) await sleep(latency.ms, undefined, { signal: stopping }).catch(() => undefined);
    if (other && strikesInsteadOfWork(other.kind)) return strikeInstead(other.kind, response, stopping);
    const answer = await work(route, body);
    return other ? spoil(other.kind, answer, response) : answer;
  }

  async function work({ operation, labels, query }: Route, body: string): Promise<Answer> {
    try {
      return { status: operation.status, body: await perform(operation, { labels, query, body }) };
    } catch (error) {
      return failureAnswer(error);
    }
  }

  function failureAnswer(error: unknown): Answer {
    if (isChimeError(error)) return errorAnswer(error);
    report(`The embedded Chime failed: ${error instanceof Error ? error.stack : error}`);
    return errorAnswer(serviceFailure("The embedded Chime failed; its output says why."));
  }

  return exchange;
}

/** The status says more than that of a BadRequestException; Chime has no error for it. */
function tooLarge(): Answer {
  return errorAnswer(badRequest("The request's body is larger than 1 MiB."), 413);
}

function isLocal({ headers }: IncomingMessage): boolean {
  if (!localHost.test(headers.host ?? "")) return false;
  return headers.origin === undefined || localOrigin.test(headers.origin);
}

/** @returns nothing for a body over the limit, which is read to its end so that the client sees the answer */
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
