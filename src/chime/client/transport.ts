import { buildQueryString, type HttpHandler, type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import type { Dispatcher } from "undici";
import { createOutboundAgent } from "../../outboundProxy.js";
import { TransportError } from "../callErrors.js";

export interface TransportSettings {
  /** Maximum number of connections to Chime. */
  readonly connections: number;
  /** Milliseconds that one request may take, from its start to the last byte of the response. */
  readonly callTimeout: number;
}

/** The attempts of one call, and the evidence that they leave. */
export interface Attempts {
  /** No request starts once it has aborted. */
  readonly signal: AbortSignal;
  /** Whether it also aborts a request in flight: true for reads, never for writes. */
  readonly isAbortableInFlight: boolean;
  /** Requests that the SDK has made so far. */
  count: number;
  /** Whether the last of them may have reached Chime. */
  isSent: boolean;
}

/** One of the SDK's requests, with the attempts of its call. */
export type TrackedRequest = HttpRequest & { attempts?: Attempts | undefined };

const connectTimeout = 2_000;
/** A hundred times the largest page of 200 users. */
const maxResponseBytes = 10 * 1024 * 1024;

/**
 * Sends the SDK's requests through undici, which takes half the CPU of Node's client, and returns responses with their
 * whole body, so that the SDK reads no stream. The SDK's own options for a call are unused: a `send` with options makes it
 * rebuild its middleware for each call.
 */
export function createTransport({ connections, callTimeout }: TransportSettings): HttpHandler {
  const agent = createOutboundAgent(connectTimeout, {
    connections,
    // One timer for the whole request, below, replaces both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: async (request) => ({ response: await exchange(agent, request, callTimeout) }),
    destroy: () => void agent.destroy(),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** @throws TransportError */
function exchange(agent: Dispatcher, request: TrackedRequest, timeout: number): Promise<HttpResponse> {
  const { attempts } = request;
  return new Promise((resolve, reject) => {
    if (attempts) {
      attempts.count++;
      attempts.isSent = false;
      if (attempts.signal.aborted) return reject(new TransportError("aborted", false));
    }
    let controller: Dispatcher.DispatchController | undefined;
    let statusCode = 0;
    let headers: Record<string, string> = {};
    let size = 0;
    const chunks: Buffer[] = [];
    let isSettled = false;

    function end(settle: () => void): void {
      isSettled = true;
      clearTimeout(timer);
      attempts?.signal.removeEventListener("abort", abort);
      settle();
    }
    function fail(reason: TransportError["reason"], cause?: Error): void {
      if (isSettled) return;
      const answered = statusCode && { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
      const error = new TransportError(reason, controller !== undefined, answered || {}, cause);
      end(() => reject(error));
      controller?.abort(error);
    }
    function abort(): void {
      if (attempts?.isAbortableInFlight || !controller) fail("aborted");
    }
    const timer = setTimeout(() => fail("timeout"), timeout);
    attempts?.signal.addEventListener("abort", abort);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (isSettled) return started.abort(new Error("The request has ended."));
        // undici starts a request when it writes to an open connection: before that nothing has been sent.
        controller = started;
        if (attempts) attempts.isSent = true;
      },
      onResponseStart(_controller, status, answered) {
        statusCode = status;
        headers = firstValues(answered);
      },
      onResponseData(_controller, chunk) {
        size += chunk.byteLength;
        if (size > maxResponseBytes) fail("oversize");
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (isSettled) return;
        const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
        end(() => resolve(new HttpResponse({ statusCode, headers, body: bytes })));
      },
      onResponseError: (_controller, error) => fail("broken", error),
    };
    try {
      agent.dispatch(optionsOf(request), handler);
    } catch (error) {
      fail("broken", error as Error);
    }
  });
}

function optionsOf(request: HttpRequest): Dispatcher.DispatchOptions & { origin: string } {
  const { protocol, hostname, port, method, body, headers, path, query } = request;
  const search = buildQueryString(query ?? {});
  return {
    origin: `${protocol}//${hostname}${port ? `:${port}` : ""}`,
    path: search ? `${path}?${search}` : path,
    method: method as Dispatcher.HttpMethod,
    headers,
    body: body === undefined || body === null ? null : body,
  };
}

/** The first value of each header, which may be sent twice. */
const firstValues = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()[0] ?? ""]));
