import { Agent, request } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true });

/**
 * One request and its answer. Node's own client, since fetch takes three times the CPU, which the programs under test
 * would lack. Rejects where no whole answer comes.
 */
export function exchange(
  method: string,
  url: string,
  body?: object,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body && JSON.stringify(body);
    const sent = request(url, {
      method,
      agent,
      headers: {
        ...headers,
        ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      },
      ...(signal && { signal }),
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        answer += part;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: answer }));
    });
    sent.end(text);
  });
}
