import { buildQueryString, type HttpHandler, type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { Agent, type Dispatcher } from "undici";
import { TransportError } from "../callErrors.js";

export interface TransportSettings {
  /** Connections to Chime, at most. */
  readonly connections: number;
  /** Milliseconds that one request may take, from its start to the answer's last byte. */
  readonly callTimeout: number;
}

/** What a call wants of its requests, and the evidence that they leave. */
export interface Attempts {
  /** No request is begun any more once it has aborted. */
  readonly signal: AbortSignal;
  /** Whether a request in flight is cut off then: a read is, a write never. */
  readonly cutsOff: boolean;
  /** Requests that the SDK has handed over so far. */
  count: number;
  /** Whether the last of them may have reached Chime. */
  isSent: boolean;
}

/** One of the SDK's requests, with the attempts of the call that it belongs to. */
export type TrackedRequest = HttpRequest & { attempts?: Attempts | undefined };

const connectTimeout = 2_000;
/** The largest page, 200 users, is a tenth of a MiB. */
const maxAnswerBytes = 10 * 1024 * 1024;

/**
 * Sends the SDK's requests through undici, which takes half the CPU of Node's client, and returns answers with their whole
 * body, so that the SDK reads them without a stream. The SDK's own options for a call go unused: a `send` with options
 * makes it rebuild its middleware for each call.
 */
export function createTransport({ connections, callTimeout }: TransportSettings): HttpHandler {
  const agent = new Agent({
    connections,
    connect: { timeout: connectTimeout },
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
function exchange(agent: Agent, request: TrackedRequest, timeout: number): Promise<HttpResponse> {
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
    let isOver = false;

    function end(settle: () => void): void {
      isOver = true;
      clearTimeout(timer);
      attempts?.signal.removeEventListener("abort", abort);
      settle();
    }
    function fail(reason: TransportError["reason"], cause?: Error): void {
      if (isOver) return;
      const answered = statusCode && { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
      const error = new TransportError(reason, controller !== undefined, answered || {}, cause);
      end(() => reject(error));
      controller?.abort(error);
    }
    function abort(): void {
      if (attempts?.cutsOff || !controller) fail("aborted");
    }
    const timer = setTimeout(() => fail("timeout"), timeout);
    attempts?.signal.addEventListener("abort", abort);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (isOver) return started.abort(new Error("The request is over."));
        // undici starts a request when it writes it to an open connection: before that nothing has been sent.
        controller = started;
        if (attempts) attempts.isSent = true;
      },
      onResponseStart(_controller, status, answered) {
        statusCode = status;
        headers = firstValues(answered);
      },
      onResponseData(_controller, chunk) {
        size += chunk.byteLength;
        if (size > maxAnswerBytes) fail("oversize");
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (isOver) return;
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

/** Of a header that is sent twice, the first value. */
const firstValues = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()[0] ?? ""]));
