import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpOptions {
  /** An object is sent as JSON, text and bytes as they are. */
  readonly body?: object | string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly agent?: Agent;
}

const sharedAgent = new Agent({ keepAlive: true });

/**
 * One HTTP request and its response. Node's own client, since fetch takes three times the CPU, which the programs under
 * test would lack. Rejects without a whole response.
 */
export function sendHttp(
  method: string,
  url: string,
  { body, headers = {}, signal, agent = sharedAgent }: HttpOptions = {},
): Promise<HttpResponse> {
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  const sentBody = isJson ? JSON.stringify(body) : body;
  const bodyHeaders = sentBody !== undefined && {
    ...(isJson && { "content-type": "application/json" }),
    "content-length": Buffer.byteLength(sentBody),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      agent,
      headers: { ...bodyHeaders, ...headers },
      ...(signal && { signal }),
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        received += part;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
      );
    });
    sent.end(sentBody);
  });
}

/** Sends text that Node's client would not send, and reads the response until the connection ends. */
export async function sendRaw(url: string, sent: string): Promise<HttpResponse> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(sent);
  const received = await text(socket);
  const end = received.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
  const headers = lines
    .map((line) => line.split(/: (.*)/s, 2))
    .map(([name, value]) => [name?.toLowerCase(), value]);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headers),
    body: received.slice(end + 4),
  };
}
