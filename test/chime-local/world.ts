import { request } from "node:http";
import { ChimeClient } from "@aws-sdk/client-chime";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { LoggedRequest } from "../../src/chime-local/callLog.js";
import { type ChimeLocal, startChimeLocal } from "../../src/chime-local/server.js";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpRequest {
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An embedded Chime of its own for one test file: the real server, the real SDK, real HTTP. */
export interface ChimeWorld {
  readonly url: string;
  readonly client: ChimeClient;
  /** Sends a request as it is written: neither fetch nor the SDK lets through what is malformed. */
  http(method: string, path: string, request?: HttpRequest): Promise<HttpAnswer>;
  fault(...rules: object[]): Promise<void>;
  log(): Promise<{ total: number; counts: Record<string, number>; requests: LoggedRequest[] }>;
}

/** Starts the server before a file's tests and stops it after them; each test finds the seeded state and an empty log. */
export function useChime(users = 450): ChimeWorld {
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

  const http: ChimeWorld["http"] = (method, path, options) =>
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
    log: async () => JSON.parse((await http("GET", "/_local/requests")).body),
  };
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("The world exists within tests only.");
  return part;
}

/** A client that tries once and has credentials of no value. */
export function createClient(endpoint: string): ChimeClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new ChimeClient({ region: "us-east-1", endpoint, credentials, maxAttempts: 1 });
}

export function sendHttp(
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: HttpRequest = {},
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const length = text === undefined ? {} : { "content-length": Buffer.byteLength(text) };
    const sent = request(
      { hostname, port, method, path, headers: { ...length, ...headers } },
      async (answer) => {
        try {
          const chunks = await answer.toArray();
          const { statusCode: status = 0, headers } = answer;
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

/** An answer of the SDK's without what every answer has. */
export async function output<Output extends { $metadata: unknown }>(
  answer: Promise<Output>,
): Promise<Omit<Output, "$metadata">> {
  const { $metadata, ...members } = await answer;
  return members;
}

/** What the SDK throws for a modelled error, as far as callers may rely on it. */
export async function failure(
  answer: Promise<unknown>,
): Promise<{ name: string; status: number; Code: string; message: string }> {
  const error = await answer.then(
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
