import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";

let asked = 0;
/** Each asks for another user, so that no two share a call. */
const lookUp = () =>
  `{ user(accountId: "${SEED.teamAccountId}", userId: "nobody-${asked++}") { displayName } }`;
const answer = { data: { user: null } };

describe("with MAX_REQUESTS=2", () => {
  const harness = useHarness({
    MAX_REQUESTS: "2",
    CHIME_LOCAL_USERS: "0",
    CORS_ORIGINS: "https://app.example.com",
  });

  /** Two requests that wait for Chime. */
  async function fill() {
    await harness.fault({ operation: "GetUser", kind: "latency", ms: 500, next: 2 });
    const answers = [harness.ask(lookUp()), harness.ask(lookUp())];
    await expect.poll(() => harness.calls()).toEqual({ GetUser: 2 });
    return { answers };
  }

  test("a third request at once is refused with 503, OVERLOADED and Retry-After, and nothing is sent to Chime", async () => {
    const { answers } = await fill();
    const response = await fetch(`${harness.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: lookUp() }),
    });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      errors: [
        {
          message: "The gateway is overloaded. Try again later.",
          extensions: { code: "OVERLOADED" },
        },
      ],
    });
    expect(await Promise.all(answers)).toEqual([answer, answer]);
    expect(await harness.calls()).toEqual({ GetUser: 2 });
    expect(await harness.ask(lookUp())).toEqual(answer);
  });

  test("a page of an allowed origin can read the refusal and its Retry-After, a page of another origin cannot", async () => {
    const { answers } = await fill();
    const from = (origin: string, method: string) =>
      fetch(`${harness.url}/graphql`, {
        method,
        headers: {
          origin,
          "content-type": "application/json",
          "x-request-id": "page-1",
          "access-control-request-method": "POST",
        },
        ...(method === "POST" && { body: JSON.stringify({ query: lookUp() }) }),
      });
    expect((await from("https://app.example.com", "OPTIONS")).status).toBe(204);
    const { status, headers } = await from("https://app.example.com", "POST");
    expect([status, headers.get("x-request-id")]).toEqual([503, "page-1"]);
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(headers.get("access-control-expose-headers")).toContain("retry-after");
    expect(headers.get("vary")).toBe("Origin");
    const other = await from("https://other.example.com", "POST");
    expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([503, null]);
    await Promise.all(answers);
    const answered = await from("https://app.example.com", "POST");
    expect(answered.headers.get("access-control-expose-headers")).toBe(
      headers.get("access-control-expose-headers"),
    );
  });

  test("a query over GET is refused too, a health check and a page are not", async () => {
    const { answers } = await fill();
    const status = async (path: string) => (await fetch(harness.url + path)).status;
    expect(await status(`/graphql?${new URLSearchParams({ query: lookUp() })}`)).toBe(503);
    expect(await status("/health/live")).toBe(200);
    expect(await status("/health/ready")).toBe(200);
    expect(await status("/graphiql")).toBe(200);
    await Promise.all(answers);
  });

  test("requests whose bodies never arrive completely take up no capacity", async () => {
    const sockets = Array.from({ length: 5 }, () => connect(Number(new URL(harness.url).port), "127.0.0.1"));
    for (const socket of sockets)
      socket.write(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await Promise.all([harness.ask(lookUp()), harness.ask(lookUp())])).toEqual([answer, answer]);
    for (const socket of sockets) socket.destroy();
  });
});

describe("while the event loop is delayed", () => {
  const harness = useHarness(
    {
      CHIME_CONCURRENCY: "100",
      CHIME_LOCAL_USERS: "0",
      READ_DEADLINE_MS: "15000",
      WRITE_DEADLINE_MS: "15000",
    },
    { callTimeout: 12_000 },
  );
  let busy: NodeJS.Timeout | undefined;
  afterEach(() => clearInterval(busy));

  const askOften = (count: number) => Promise.all(Array.from({ length: count }, () => harness.ask(lookUp())));

  /** A busy machine delays the event loop by itself: what it refuses is sent again. */
  async function askUntilAccepted() {
    for (let attempt = 0; attempt < 20; attempt++) {
      const response = await harness.ask(lookUp());
      if (response.errors?.[0]?.extensions?.code !== "OVERLOADED") return response;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("refused 20 times");
  }

  test("no request is added to more than 64 in progress, and health is answered; afterwards the limit is MAX_REQUESTS again", async () => {
    await harness.fault({ operation: "GetUser", kind: "latency", ms: 8_000, next: 80 });
    const waiting = Promise.all(Array.from({ length: 80 }, askUntilAccepted));
    await expect.poll(async () => (await harness.calls())["GetUser"], { timeout: 7_500 }).toBe(80);
    busy = setInterval(() => {
      const end = performance.now() + 100;
      while (performance.now() < end);
    }, 0);
    await expect
      .poll(() => harness.ask(lookUp()), { interval: 200, timeout: 3_000 })
      .toMatchObject({ errors: [{ extensions: { code: "OVERLOADED" } }] });
    expect((await fetch(`${harness.url}/health/live`)).status).toBe(200);

    clearInterval(busy);
    expect(await waiting).toEqual(Array(80).fill(answer));
    await expect.poll(() => askOften(80), { interval: 500, timeout: 15_000 }).toEqual(Array(80).fill(answer));
  }, 40_000);
});
