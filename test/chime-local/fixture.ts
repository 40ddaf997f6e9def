import { request } from "node:http";
import { ChimeClient } from "@aws-sdk/client-chime";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CallRecord } from "../../src/chime-local/callLog.js";
import { type ChimeLocal, startChimeLocal } from "../../src/chime-local/server.js";

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpRequest {
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An embedded Chime for one test file: the real server, the real SDK, real HTTP. */
export interface ChimeHarness {
  readonly url: string;
  readonly client: ChimeClient;
  /** Sends a request unchanged: neither fetch nor the SDK sends malformed ones. */
  http(method: string, path: string, request?: HttpRequest): Promise<HttpResponse>;
  fault(...rules: object[]): Promise<void>;
  advanceClock(advanceMs: number): Promise<void>;
  log(): Promise<{ total: number; counts: Record<string, number>; requests: CallRecord[] }>;
}

/** Starts the server before a file's tests and stops it after them. Each test finds the seeded state and an empty log. */
export function useChime(users = 450): ChimeHarness {
  let chime: ChimeLocal | undefined;
  let client: ChimeClient | undefined;
  beforeAll(async () => {
    chime = await startChimeLocal({ port: 0, dataFile: ":memory:", users });
    client = createClient(chime.url);
  });
  beforeEach(() => http("POST", "/_local/reset"));
  afterAll(async () => {
    client?.destroy();
    await chime?.close();
  });

  const http: ChimeHarness["http"] = (method, path, options) =>
    sendHttp(started(chime).url, method, path, options);

  return {
    get url() {
      return started(chime).url;
    },
    get client() {
      return started(client);
    },
    http,
    async fault(...rules) {
      const { status, body } = await http("POST", "/_local/faults", { body: rules });
      if (status !== 200) throw new Error(body);
    },
    async advanceClock(advanceMs) {
      await http("POST", "/_local/clock", { body: { advanceMs } });
    },
    log: async () => JSON.parse((await http("GET", "/_local/requests")).body),
  };
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("The embedded Chime runs within tests only.");
  return part;
}

/** A client without retries and with dummy credentials. */
export function createClient(endpoint: string): ChimeClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new ChimeClient({ region: "us-east-1", endpoint, credentials, maxAttempts: 1 });
}

export function sendHttp(
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: HttpRequest = {},
): Promise<HttpResponse> {
  const { hostname, port } = new URL(url);
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const length = text === undefined ? {} : { "content-length": Buffer.byteLength(text) };
    const sent = request(
      { hostname, port, method, path, headers: { ...length, ...headers } },
      async (response) => {
        try {
          const chunks = await response.toArray();
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks).toString() });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

/** The members of a response, without the SDK's metadata. */
export async function output<Output extends { $metadata: unknown }>(
  response: Promise<Output>,
): Promise<Omit<Output, "$metadata">> {
  const { $metadata, ...members } = await response;
  return members;
}

/** The modelled error that the SDK throws, as far as callers can rely on it. */
export async function failure(
  response: Promise<unknown>,
): Promise<{ name: string; status: number; Code: string; message: string }> {
  const error = await response.then(
    () => new Error("The call succeeded."),
    (error) => error,
  );
  if (!error.$metadata) throw error;
  return {
    name: error.name,
    status: error.$metadata.httpStatusCode,
    Code: error.Code,
    message: error.message,
  };
}

/** The errors of concurrent requests. */
export const failures = (responses: readonly Promise<unknown>[]) => Promise.all(responses.map(failure));
