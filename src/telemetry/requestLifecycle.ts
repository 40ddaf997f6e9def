import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ApolloServerPlugin } from "@apollo/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CallRecord } from "../chime/session.js";
import type { RequestContext } from "../graphql/context.js";
import { isOut } from "../server/httpServer.js";
import { serverTiming } from "./callSummary.js";

/** What becomes known of a request while it is answered. */
export interface Observed {
  /** Absent where GraphQL has not found out which operation it is. */
  operation?: Operation;
  /** The codes of its errors, each once; those of payloads come last. */
  codes: readonly unknown[];
  /** The codes of errors that its mutations report as data. */
  readonly payloadCodes: Set<string>;
  /** Absent where it did not get as far as GraphQL. */
  context?: Pick<RequestContext, "caller" | "session" | "trace">;
  /** Absent where nothing is traced. */
  traceId?: string;
  /** Whether the caller went away before the answer was out. */
  gone?: boolean;
}

interface Operation {
  /** As GraphQL has names, cut to a bearable length; empty for an operation without one. */
  readonly name: string;
  /** Empty where it is not known. */
  readonly type: "query" | "mutation" | "subscription" | "";
}

/** A request that is over. */
export interface ObservedRequest {
  readonly id: string;
  readonly method: string;
  /** The pattern that its path has matched, never the path; empty if it has matched none. */
  readonly route: string;
  readonly status: number;
  /** The codes of its errors, each once. */
  readonly codes: readonly unknown[];
  /** What it took, but for its body. */
  readonly milliseconds: number;
  /** How long its body took to come in and be parsed: how fast that goes is the client's affair. Absent where none was read. */
  readonly bodyMilliseconds: number | undefined;
  readonly operation: Operation | undefined;
  readonly subject?: string | undefined;
  readonly calls: readonly CallRecord[];
  readonly traceId: string | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    observed: Observed;
  }
}

const longestName = 64;
/** As nginx has it: the client went away before the answer was out. */
export const clientGone = 499;

/** The caller's own id of a request, if it is harmless in a log; else one is made. */
export function requestId({ headers }: IncomingMessage): string {
  const given = String(headers["x-request-id"] ?? "");
  return /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

/**
 * Tells of each request when it is over; and the client, by headers, the request's id and how long it took. Where the
 * client goes away it is over when its work is: what waits for Chime ends soon, and a write when it is done. To be called
 * before there are other hooks, which may answer.
 *
 * @returns observes a request that comes to no hook
 */
export function observeRequests(
  app: FastifyInstance,
  onComplete: (request: ObservedRequest) => void,
): (request: FastifyRequest, reply: FastifyReply, code: string) => void {
  const courses = new WeakMap<Observed, Course>();
  const courseOf = (observed: Observed): Course => {
    const course = courses.get(observed);
    if (!course) throw new Error("Nobody has observed the request.");
    return course;
  };
  app.decorateRequest("observed", null as unknown as Observed);

  function observe(request: FastifyRequest, reply: FastifyReply): Course {
    const observed: Observed = { codes: [], payloadCodes: new Set() };
    const course: Course = { began: performance.now(), isAnswered: false };
    request.observed = observed;
    courses.set(observed, course);
    reply.header("x-request-id", request.id);
    const { id, method, routeOptions } = request;
    const tell = () => {
      const { operation, context, traceId } = observed;
      onComplete({
        id,
        method,
        route: routeOptions.url ?? "",
        ...endOf(observed, reply.statusCode),
        milliseconds: timeOf(course),
        bodyMilliseconds: course.bodyBegan === undefined ? undefined : bodyTimeOf(course),
        operation,
        subject: context?.caller.subject ?? request.caller?.subject,
        calls: context?.session.log ?? [],
        traceId,
      });
    };
    reply.raw.once("close", () => {
      observed.gone = !isOut(reply.raw);
      if (observed.gone) observed.context?.session.disconnect();
      if (course.isAnswered) tell();
      else course.atAnswer = tell;
    });
    return course;
  }

  app.addHook("onRequest", (request, reply, done) => {
    observe(request, reply);
    done();
  });

  app.addHook("preParsing", ({ observed, method }, _reply, payload, done) => {
    if (method !== "GET") courseOf(observed).bodyBegan = performance.now();
    done(null, payload);
  });
  app.addHook("preValidation", ({ observed }, _reply, done) => {
    courseOf(observed).bodyEnded = performance.now();
    done();
  });

  app.addHook("onSend", async ({ observed, routeOptions }, reply, payload) => {
    const { context, codes } = observed;
    // GraphQL's own errors are known by now, and all others come alone.
    const isJson = String(reply.getHeader("content-type")).includes("json");
    if (codes.length === 0 && reply.statusCode >= 400 && isJson && typeof payload === "string")
      observed.codes = codesOf(JSON.parse(payload).errors);
    const course = courseOf(observed);
    course.isAnswered = true;
    course.atAnswer?.();
    course.atAnswer = undefined;
    if (routeOptions.url !== "/graphql") return;
    reply.header(
      "server-timing",
      serverTiming(timeOf(course), context?.trace ? context.session.log : undefined),
    );
  });

  return (request, reply, code) => {
    observe(request, reply).isAnswered = true;
    request.observed.codes = [code];
  };
}

/** Times are by `performance.now()`. */
interface Course {
  readonly began: number;
  bodyBegan?: number;
  bodyEnded?: number;
  /** Whether there is an answer, be there somebody to read it or not. */
  isAnswered: boolean;
  /** What is left to do when there is. */
  atAnswer?: (() => void) | undefined;
}

const timeOf = (course: Course): number => performance.now() - course.began - bodyTimeOf(course);

const bodyTimeOf = ({ bodyBegan, bodyEnded = performance.now() }: Course): number =>
  bodyBegan === undefined ? 0 : bodyEnded - bodyBegan;

/** The result of a request for logs, metrics and spans. What its mutations did counts although the client has gone. */
export const endOf = (
  { gone, codes, payloadCodes }: Observed,
  status: number,
): { readonly status: number; readonly codes: readonly unknown[] } =>
  gone ? { status: clientGone, codes: ["CANCELED", ...payloadCodes] } : { status, codes };

/** Notes what GraphQL finds out about a request. Behind plugins that add errors. */
export const createObservationPlugin = (): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ contextValue: { observed }, operation, operationName, request }) {
        observed.operation = {
          name: cutName(operationName ?? request.operationName),
          type: operation?.operation ?? "",
        };
      },
      async willSendResponse({ contextValue: { observed }, response: { body }, request }) {
        observed.operation ??= { name: cutName(request.operationName), type: "" };
        if (body.kind !== "single") return;
        const codes = codesOf(body.singleResult.errors);
        observed.codes = [...new Set([...codes, ...observed.payloadCodes])];
      },
    };
  },
});

/** A client may claim any name for what is no operation at all. */
const cutName = (name: unknown): string =>
  typeof name === "string" && /^[_a-z]\w*$/i.test(name) ? name.slice(0, longestName) : "";

/** The codes of an answer's errors, each once. */
const codesOf = (
  errors: readonly { readonly extensions?: { readonly code?: unknown } }[] = [],
): unknown[] => [...new Set(errors.map(({ extensions }) => extensions?.code))];
