import { connect } from "node:net";
import { expect } from "vitest";
import type { Answer } from "../support/fixture.js";
import { type Program, test } from "../support/programs.js";
import { clientRequestToken, email, operations, personalValues, refused, secrets } from "./canaries.js";
import { joinToken } from "./phoneNumberCanaries.js";

/** A response: its body, and as text everything but the requested data. */
interface Reply {
  readonly answer: Answer;
  readonly rest: string;
}

async function send(url: string, path: string, request: RequestInit): Promise<Reply> {
  const response = await fetch(url + path, {
    ...request,
    headers: {
      "content-type": "application/json",
      "x-chime-trace": "1",
      ...secrets,
      ...request.headers,
    },
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
  const answer = (await response.json()) as Answer;
  const { data, ...others } = answer;
  const rest = JSON.stringify([others, errorsIn(data), ...response.headers]);
  return { answer, rest };
}

const post = (url: string, body: unknown) =>
  send(url, "/graphql", { method: "POST", body: JSON.stringify(body) });

/** The errors that mutations return as data, at any depth. */
function errorsIn(data: unknown): unknown[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) =>
    ["error", "errors", "errorMessage"].includes(key) ? [value] : errorsIn(value),
  );
}

/** Sends text that is not a valid request. @returns the response */
async function sendRaw({ port }: URL, text: string): Promise<string> {
  const socket = connect(Number(port), "127.0.0.1");
  let received = "";
  socket.on("error", () => {});
  socket.setEncoding("utf8").on("data", (part) => {
    received += part;
  });
  socket.end(text);
  // A reset is an end as well.
  await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

/** The canaries in a text: as they are, in a URL, or as the bytes that a logger makes of a buffer. */
const hits = (text: string, canaries: Iterable<string>): string[] =>
  [...canaries].filter((canary) =>
    [canary, encodeURIComponent(canary), [...Buffer.from(canary)].join(",")].some((form) =>
      text.toLowerCase().includes(form.toLowerCase()),
    ),
  );

/** Personal data that Chime generated. */
function generatedIn(data: string): string[] {
  const found = data.matchAll(
    /"(?:personalPin|e164PhoneNumber|primaryProvisionedNumber|displayName|primaryEmail|securityToken|email|fullName|botEmail)":"([^"]+)"/g,
  );
  return Array.from(found, ([, value]) => value ?? "");
}

const faults = [
  "429",
  "500",
  "502",
  "503",
  "504",
  "reset-before",
  "reset-after",
  "close",
  "hang",
  "truncate",
  "malformed",
];

/** Sends every operation without a fault and under each fault, and each refused input. */
async function askEverything(program: Program) {
  const [url = "", chimeUrl = ""] = program.urls;
  const replies = new Map<string, Reply>();

  async function askAll(phase: string) {
    await Promise.all(
      Object.entries(operations).map(async ([operation, body]) =>
        replies.set(`${phase}: ${operation}`, await post(url, body)),
      ),
    );
  }

  // One after the other: later ones find what earlier ones wrote.
  for (const [operation, body] of Object.entries(operations))
    replies.set(`without a fault: ${operation}`, await post(url, body));
  for (const kind of faults) {
    await fetch(`${chimeUrl}/_local/faults`, { method: "POST", body: JSON.stringify({ kind }) });
    await askAll(kind);
    await fetch(`${chimeUrl}/_local/faults`, { method: "DELETE" });
  }
  await askAll("again");
  for (const [where, body] of Object.entries(refused))
    replies.set(`refused: ${where}`, await post(url, body));
  return replies;
}

test("personal data is in data only: no error, extension, header or log line repeats it, whatever fails", async ({
  start,
}) => {
  const program = await start("gateway", {
    LOG_LEVEL: "trace",
    CHIME_LOCAL_DATA: ":memory:",
    READ_DEADLINE_MS: "3000",
    WRITE_DEADLINE_MS: "3000",
  });
  const replies = await askEverything(program);
  const data = JSON.stringify(Array.from(replies.values(), ({ answer }) => answer.data));
  const canaries = new Set([
    ...personalValues,
    ...generatedIn(data),
    clientRequestToken,
    joinToken,
    ...Object.values(secrets),
  ]);

  // The test would notice: each canary but the secrets was in data, and there is much other text.
  expect(hits(data, personalValues)).toEqual(personalValues);
  expect(canaries.size).toBeGreaterThanOrEqual(40);
  for (const kind of [...faults, "refused"]) {
    const failed = [...replies].filter(([phase, { rest }]) => phase.startsWith(kind) && /"code":/.test(rest));
    expect(failed.length, kind).toBeGreaterThan(10);
  }

  const repeated = [...replies].map(([phase, { rest }]) => [phase, hits(rest, canaries)] as const);
  expect(repeated.filter(([, found]) => found.length > 0)).toEqual([]);
  expect(program.stdout).toMatch(/"msg":"request"/);
  expect(hits(program.stdout + program.stderr, canaries)).toEqual([]);
}, 120_000);

test("personal data in a request that is not GraphQL is neither repeated nor logged", async ({ start }) => {
  const program = await start("gateway", { LOG_LEVEL: "trace", CHIME_LOCAL_DATA: ":memory:" });
  const [url = ""] = program.urls;
  const headers = Object.entries(secrets).map(([header, value]) => `${header}: ${value}\r\n`);
  const head = `Host: localhost\r\n${headers.join("")}`;
  const path = encodeURIComponent(email);
  const replies = await Promise.all([
    send(url, `/${path}`, {}),
    send(url, `/%zz${path}`, {}),
    send(url, `/graphql?query=${path}`, { headers: { "apollo-require-preflight": "1" } }),
    send(url, `/graphql?query={__typename}&variables=${path}`, {
      headers: { "apollo-require-preflight": "1" },
    }),
    send(url, "/graphql", { method: "PUT", body: JSON.stringify({ email }) }),
    send(url, "/graphql", { method: "POST", body: email }),
    send(url, "/graphql", { method: "POST", body: `{"query":"${email}` }),
    send(url, "/graphql", { method: "POST", body: email, headers: { "content-type": `text/${path}` } }),
    send(url, "/graphql", { method: "POST", body: "{}", headers: { accept: `image/${path}` } }),
    send(url, "/graphql", { method: "POST", body: JSON.stringify({ query: email.repeat(50_000) }) }),
  ]);
  const raw = await Promise.all(
    [
      `${email}\r\n\r\n`,
      `GET /graphql HTTP/1.1\r\n${head}X-Large: ${email.repeat(1_000)}\r\n\r\n`,
      `POST /graphql HTTP/1.1\r\n${head}Content-Length: ${path}\r\n\r\n`,
      `POST /graphql HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"query":"${email}`,
      `${email.slice(0, 6)} /graphql HTTP/1.1\r\n${head}\r\n`,
    ].map((text) => sendRaw(new URL(url), text)),
  );
  const canaries = [email, ...Object.values(secrets)];
  for (const { answer } of replies) expect(answer.errors).toHaveLength(1);
  expect(raw.filter((text) => text.startsWith("HTTP/1.1 4")).length).toBeGreaterThanOrEqual(4);
  expect(hits(replies.map(({ rest }) => rest).join("\n"), canaries)).toEqual([]);
  expect(hits(raw.join("\n"), canaries)).toEqual([]);
  expect(hits(program.stdout + program.stderr, canaries)).toEqual([]);
}, 60_000);
