import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CallRecord } from "./callRecord.js";
import { serverTiming } from "./callSummary.js";
import { clientName, clientVersion } from "./clientName.js";
import { codesOf } from "./errorCodes.js";

/** Facts about a request that GraphQL and tracing add while it is processed. */
export interface RequestDetails {
  /** Absent if GraphQL has not read the request. */
  operation?: Operation;
  readonly client?: Client;
  /** The codes of its errors, each once; those of payloads come last. */
  codes: readonly unknown[];
  /** The codes of errors that its mutations return as data. */
  readonly payloadCodes: Set<string>;
  /** Absent if the request has not reached GraphQL. */
  session?: { readonly log: readonly CallRecord[]; disconnect(): void; endReads(): void };
  /** Whether the response reports the calls to Chime. */
  showsCalls?: boolean;
  /** Absent if nothing is traced. */
  traceId?: string;
  /** Whether the client disconnected before the response was sent. */
  aborted?: boolean;
  /** Why the gateway cut its response off: the status that it would have had, and the error's code. */
  cutOff?: { readonly status: number; readonly code: string };
}

interface Operation {
  /** A GraphQL name of limited length; empty for an anonymous operation. */
  readonly name: string;
  /** Empty if unknown. */
  readonly type: "query" | "mutation" | "subscription" | "";
  /** Absent if the operation is invalid or unknown. */
  readonly hash?: string;
}

/** The client program's name and version, from its headers. */
interface Client {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Times by `performance.now()`. */
interface Timing {
  readonly began: number;
  bodyBegan?: number;
  bodyEnded?: number;
}

interface RequestLifecycle extends RequestDetails {
  readonly timing: Timing;
  /** Whether there is a response, even if the client has disconnected. */
  isAnswered: boolean;
  /** Emits the event once there is a response: set if the client has disconnected before. */
  emitWhenAnswered?: () => void;
}

/** The event that ends a request's lifecycle. */
export interface CompletedRequest {
  readonly id: string;
  readonly method: string;
  /** The pattern of the matched route, never the path; empty if none matched. */
  readonly route: string;
  readonly status: number;
  /** The codes of its errors, each once. */
  readonly codes: readonly unknown[];
  /** The duration without the body's. */
  readonly milliseconds: number;
  /** How long the body took to arrive and be parsed: that depends on the client. Absent if no body was read. */
  readonly bodyMilliseconds: number | undefined;
  readonly operation: Operation | undefined;
  readonly client: Client;
  readonly subject: string | undefined;
  readonly calls: readonly CallRecord[];
  readonly traceId: string | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    lifecycle: RequestLifecycle;
  }
}

/** Whether a route is an export. */
export const isExport = (route: string): boolean => route.startsWith("/export/");

/** nginx's status for a client that disconnected before the response was sent. */
export const clientClosedRequest = 499;

export interface LifecycleOptions {
  /** Whether a closed response was sent in whole. */
  isSent(response: ServerResponse): boolean;
  /** The subject of a request's token, if it has one. */
  subjectOf(request: FastifyRequest): string | undefined;
  onComplete(request: CompletedRequest): void;
}

/**
 * Emits an event when a request is complete, and adds the headers `x-request-id` and `server-timing`. If the client
 * disconnects, the request is complete when its work is: reads of Chime are aborted, a write finishes. Add it before other
 * hooks, since they may answer.
 *
 * @returns starts the lifecycle of a request for which Fastify runs no hooks
 */
export function addRequestLifecycle(
  app: FastifyInstance,
  { isSent, subjectOf, onComplete }: LifecycleOptions,
): (request: FastifyRequest, reply: FastifyReply, code: string) => void {
  app.decorateRequest("lifecycle");

  function begin(request: FastifyRequest, reply: FastifyReply): RequestLifecycle {
    const timing: Timing = { began: performance.now() };
    const client = { name: clientName(request.headers), version: clientVersion(request.headers) };
    const lifecycle: RequestLifecycle = {
      client,
      codes: [],
      payloadCodes: new Set(),
      timing,
      isAnswered: false,
    };
    request.lifecycle = lifecycle;
    reply.header("x-request-id", request.id);
    const emit = () =>
      onComplete({
        id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? "",
        ...outcomeOf(lifecycle, reply.statusCode),
        milliseconds: processingTime(timing),
        bodyMilliseconds: timing.bodyBegan === undefined ? undefined : bodyTime(timing),
        operation: lifecycle.operation,
        client,
        subject: subjectOf(request),
        calls: lifecycle.session?.log ?? [],
        traceId: lifecycle.traceId,
      });
    reply.raw.once("close", () => {
      lifecycle.aborted = !isSent(reply.raw);
      if (lifecycle.aborted) lifecycle.session?.disconnect();
      if (lifecycle.isAnswered) emit();
      else lifecycle.emitWhenAnswered = emit;
    });
    return lifecycle;
  }

  app.addHook("onRequest", async (request, reply) => {
    begin(request, reply);
  });
  app.addHook("preParsing", async ({ lifecycle: { timing }, method }) => {
    if (method !== "GET") timing.bodyBegan = performance.now();
  });
  app.addHook("preValidation", async ({ lifecycle: { timing } }) => {
    timing.bodyEnded = performance.now();
  });
  // Errors that are not GraphQL's own: they are sent as objects.
  app.addHook("preSerialization", async ({ lifecycle }, _reply, payload: { errors?: [] }) => {
    if (payload.errors) lifecycle.codes = codesOf(payload.errors);
    return payload;
  });
  app.addHook("onSend", async ({ lifecycle, routeOptions }, reply) => {
    const isGraphql = routeOptions.url === "/graphql";
    // Apollo rejects some requests, such as a forged one of another site, before any plugin knows the request.
    if (isGraphql && reply.statusCode >= 400 && lifecycle.codes.length === 0)
      lifecycle.codes = [reply.statusCode < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR"];
    lifecycle.isAnswered = true;
    lifecycle.emitWhenAnswered?.();
    if (!isGraphql) return;
    // A non-null field that fails ends the execution, but not what other fields have begun.
    lifecycle.session?.endReads();
    const calls = lifecycle.showsCalls ? lifecycle.session?.log : undefined;
    reply.header("server-timing", serverTiming(processingTime(lifecycle.timing), calls));
  });

  return (request, reply, code) => {
    Object.assign(begin(request, reply), { isAnswered: true, codes: [code] });
  };
}

const processingTime = (timing: Timing): number => performance.now() - timing.began - bodyTime(timing);

const bodyTime = ({ bodyBegan, bodyEnded = performance.now() }: Timing): number =>
  bodyBegan === undefined ? 0 : bodyEnded - bodyBegan;

/** The result of a request for logs, metrics and spans. What its mutations did counts even if the client disconnected. */
export const outcomeOf = (
  { aborted, cutOff, codes, payloadCodes }: RequestDetails,
  status: number,
): { readonly status: number; readonly codes: readonly unknown[] } => {
  if (cutOff) return { status: cutOff.status, codes: [cutOff.code] };
  return aborted ? { status: clientClosedRequest, codes: ["CANCELED", ...payloadCodes] } : { status, codes };
};
