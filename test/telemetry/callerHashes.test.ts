import { connect } from "node:net";
import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask } from "../support/fixture.js";
import { startIssuer } from "../support/issuer.js";
import { fault, untilLines } from "../support/logLines.js";
import { type Program, test } from "../support/programs.js";

const memory = { CHIME_LOCAL_DATA: ":memory:" };
const account = `query Name { account(accountId: "${SEED.teamAccountId}") { name } }`;

describe("the log", { timeout: 60_000 }, () => {
  test("has callers as hashes, equal in all processes with the same LOG_KEY", async ({
    start,
    onTestFinished,
  }) => {
    const issuer = await startIssuer();
    onTestFinished(issuer.close);
    const token = await issuer.sign({ sub: "ada@example.com" });
    const callers = async (env: Record<string, string>) => {
      const program = await start("gateway", { ...memory, ...issuer.env, ...env });
      const [url = ""] = program.urls;
      const headers = { authorization: `Bearer ${token}` };
      for (let n = 0; n < 2; n++) await ask(url, { query: "{ __typename }" }, headers);
      await ask(url, { query: "{ __typename }" });
      return (await untilLines(program, 3)).map(({ caller }) => caller);
    };
    const LOG_KEY = "0123456789abcdef";
    const [first, again, nobody] = await callers({ LOG_KEY });
    expect(first).toMatch(/^[\da-f]{16}$/);
    expect([again, nobody]).toEqual([first, undefined]);
    expect(await callers({ LOG_KEY })).toEqual([first, first, undefined]);
    expect((await callers({}))[0]).not.toBe(first);
  });

  describe("has a line for a client that disconnected before the response was sent:", () => {
    /** Sends a query, and disconnects as soon as its call has reached Chime. */
    async function askAndDisconnect(program: Program, query: string, operation: string) {
      const [url = "", chimeUrl] = program.urls;
      await fault(program, { operation, kind: "latency", ms: 1_000, next: 1 });
      const client = new AbortController();
      const answer = fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
        signal: client.signal,
      }).catch(() => undefined);
      await expect
        .poll(async () => (await (await fetch(`${chimeUrl}/_local/requests`)).json()) as object)
        .toMatchObject({ counts: { [operation]: 1 } });
      await new Promise((resolve) => setTimeout(resolve, 200));
      client.abort();
      await answer;
    }

    test("with its reads, which are aborted", async ({ start }) => {
      const program = await start("gateway", memory);
      await askAndDisconnect(program, account, "GetAccount");
      const [line] = await untilLines(program, 1);
      expect(line).toMatchObject({
        status: 499,
        codes: ["CANCELED"],
        operation: "Name",
        type: "query",
        calls: { GetAccount: 1 },
      });
      expect(line?.["upstreamMs"]).toBeGreaterThanOrEqual(200);
      expect(line?.["ms"]).toBeLessThan(1_000);
    });

    test("with its writes, when they are complete", async ({ start }) => {
      const program = await start("gateway", memory);
      const update = `mutation Rename { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { errors { code } } }`;
      await askAndDisconnect(program, update, "UpdateAccount");
      const [line] = await untilLines(program, 1);
      expect(line).toMatchObject({ status: 499, operation: "Rename", calls: { UpdateAccount: 1 } });
      expect(line?.["upstreamMs"]).toBeGreaterThanOrEqual(1_000);
    });

    test("also if its request is incomplete", async ({ start }) => {
      const program = await start("gateway", memory);
      const socket = connect(Number(new URL(program.urls[0] ?? "").port), "127.0.0.1");
      socket.write(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      socket.destroy();
      expect(await untilLines(program, 1)).toMatchObject([{ status: 499, codes: ["CANCELED"] }]);
    });
  });
});
