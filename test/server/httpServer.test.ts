import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { largeQuery } from "../support/large.js";

const harness = useHarness();

function open(text = ""): Socket {
  const socket = connect(Number(new URL(harness.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}

/** What arrives until the connection ends, and after how many seconds it ends. */
async function end(socket: Socket): Promise<{ text: string; seconds: number }> {
  const started = performance.now();
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  // Also emitted for a reset.
  await new Promise((resolve) => socket.once("close", resolve));
  return { text, seconds: (performance.now() - started) / 1000 };
}

const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const bodyOf = (response: string) => JSON.parse(response.slice(response.indexOf("\r\n\r\n")));

test("a client that sends nothing, or sends slowly, is disconnected within 15 seconds, and others are answered", async () => {
  const trickling = [open(head), open(`${head}Content-Length: 1000\r\n\r\n{`)];
  const trickle = setInterval(() => {
    for (const socket of trickling) socket.write("a");
  }, 500);
  const slow = [open(), ...trickling].map(end);
  const { data } = await harness.ask(`{ account(accountId: "${SEED.teamAccountId}") { name } }`);
  expect(data).toEqual({ account: { name: "Harbor Street Studio" } });

  for (const { text, seconds } of await Promise.all(slow)) {
    expect(seconds).toBeLessThan(15);
    expect(text).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(text).toContain("cache-control: no-store\r\n");
    expect(bodyOf(text)).toEqual({
      errors: [
        {
          message: "Request timed out after 10 seconds.",
          extensions: { code: "BAD_REQUEST" },
        },
      ],
    });
  }
  clearInterval(trickle);
}, 30_000);

test("a client that does not read a large response is disconnected before it is sent completely", async () => {
  const body = JSON.stringify({ query: largeQuery });
  const socket = open(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await once(socket, "readable");
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const rest = end(socket);
  socket.resume();
  const { text } = await rest;
  const [, length] = /content-length: (\d+)/.exec(text) ?? [];
  expect(Number(length)).toBeGreaterThan(8_000_000);
  expect(text.length).toBeLessThan(Number(length));
}, 60_000);

test.each([
  ["text that is not HTTP", "hello\r\n\r\n", "400 Bad Request"],
  [
    "headers that are too large",
    `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"a".repeat(20_000)}\r\n\r\n`,
    "431 Request Header Fields Too Large",
  ],
])("%s is answered in GraphQL's form", async (_what, text, status) => {
  const response = await end(open(text));
  expect(response.text.split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
  expect(bodyOf(response.text).errors[0].extensions).toEqual({ code: "BAD_REQUEST" });
});
