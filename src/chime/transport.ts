import { buildQueryString, type HttpHandler, type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { Agent, type Dispatcher } from "undici";
import { TransportError } from "./failures.js";
import type { Patience } from "./patience.js";

export interface TransportSettings {
  /** Connections to Chime, at most. */
  readonly connections: number;
  /** Milliseconds that one request may take, from its start to the answer's last byte. */
  readonly callTimeout: number;
}

/** How far a request may go. */
export interface Leash {
  /** When it is over, no request is begun any more. */
  readonly patience: Patience;
  /** Whether one that is under way then is cut off: reads are, writes never. */
  readonly cutsOff: boolean;
}

/** Sends the SDK's requests, and gives it answers whose body is there in whole: it reads those without a stream. */
export interface Transport extends HttpHandler {
  /** Puts a request on a leash before the SDK sends it, and each time that it sends it again. */
  hold(request: object, leash: Leash): void;
}

const connectTimeout = 2_000;
/** The largest page, 200 users, is a tenth of a MiB. */
const maxAnswerBytes = 10 * 1024 * 1024;

/**
 * On undici, which takes half the processor time of Node's client. The SDK's own options for a call go unused here: a
 * `send` with options makes it build its middleware anew for each call.
 */
export function createTransport({ connections, callTimeout }: TransportSettings): Transport {
  const agent = new Agent({
    connections,
    connect: { timeout: connectTimeout },
    // One timer for the whole request, below, stands for both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const leashes = new WeakMap<object, Leash>();

  return {
    metadata: { handlerProtocol: "http/1.1" },
    hold: (request, leash) => leashes.set(request, leash),
    handle: async (request) => ({
      response: await exchange(agent, request, callTimeout, leashes.get(request)),
    }),
    destroy: () => void agent.destroy(),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function exchange(
  agent: Agent,
  request: HttpRequest,
  milliseconds: number,
  leash: Leash | undefined,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (leash?.patience.end) return reject(new TransportError("cut", false));

    let controller: Dispatcher.DispatchController | undefined;
    let statusCode = 0;
    let headers: Record<string, string> = {};
    let size = 0;
    const chunks: Buffer[] = [];
    let over = false;
    function end(settle: () => void): void {
      over = true;
      clearTimeout(timer);
      leash?.patience.offEnd(cut);
      settle();
    }
    function fail(reason: TransportError["reason"], cause?: Error): void {
      if (over) return;
      // undici begins a request when it writes it to a connection that stands: before that nothing has been sent.
      const begun = statusCode && { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
      const error = new TransportError(reason, controller !== undefined, begun || {}, cause);
      end(() => reject(error));
      controller?.abort(error);
    }
    const cut = () => fail("cut");
    const timer = setTimeout(() => fail("timeout"), milliseconds);
    if (leash?.cutsOff) leash.patience.onEnd(cut);

    const { protocol, hostname, port, method, body } = request;
    const isWithoutBody = body === undefined || body === null;
    agent.dispatch(
      {
        origin: `${protocol}//${hostname}${port ? `:${port}` : ""}`,
        path: pathOf(request),
        method: method as Dispatcher.HttpMethod,
        headers: request.headers,
        body: isWithoutBody ? null : body,
      },
      {
        onRequestStart(started) {
          if (over) return started.abort(new Error("It is over already."));
          controller = started;
        },
        onResponseStart(_controller, status, answered) {
          statusCode = status;
          headers = joined(answered);
        },
        onResponseData(_controller, chunk) {
          size += chunk.byteLength;
          if (size > maxAnswerBytes) fail("oversize");
          else chunks.push(chunk);
        },
        onResponseEnd() {
          if (over) return;
          const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
          end(() => resolve(new HttpResponse({ statusCode, headers, body: bytes })));
        },
        onResponseError: (_controller, error) => fail("broken", error),
      },
    );
  });
}

function pathOf({ path, query }: HttpRequest): string {
  const text = buildQueryString(query ?? {});
  return text ? `${path}?${text}` : path;
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return Object.fromEntries(entries);
}
