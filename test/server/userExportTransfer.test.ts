import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startOnResponses, useHarness } from "../support/fixture.js";
import { sendHttp } from "../support/http.js";

const harness = useHarness();
const { largeAccountId, teamAccountId } = SEED;

const path = (accountId: string, query: Record<string, string> = {}) =>
  `/export/accounts/${accountId}/users.csv?${new URLSearchParams(query)}`;
const read = (accountId: string, query = {}, url = harness.url) =>
  sendHttp("GET", url + path(accountId, query));
const rowsOf = ({ body }: { body: string }) => body.split("\r\n").slice(1, -1);

/** Begins to read, and stops until `text` is called. */
async function open(url: string) {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  response.pause();
  return response;
}

describe("while a client reads an export", () => {
  test("a failure cuts the transfer off, and a cursor continues it", async () => {
    const columns = "cursor,userId";
    const all = rowsOf(await read(largeAccountId, { columns }));
    await harness.setFaults({ operation: "ListUsers", kind: "500", path: "next-token" });
    const response = await open(harness.url + path(largeAccountId, { columns }));
    let received = "";
    response.setEncoding("utf8").on("data", (part: string) => {
      received += part;
    });
    response.resume();
    await expect(once(response, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(response.complete).toBe(false);

    await harness.setFaults();
    const rows = received.split("\r\n").slice(1, -1);
    expect(rows.join()).toBe(all.slice(0, 200).join());
    const after = rows.at(-1)?.split(",")[0] ?? "";
    const rest = await read(largeAccountId, { columns, after });
    expect(rest.body).toBe(
      all
        .slice(200)
        .map((row) => `${row}\r\n`)
        .join(""),
    );
  });

  test("two others wait: a third export is refused, and GraphQL is not", async () => {
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 300 });
    const first = read(largeAccountId);
    const second = read(largeAccountId);
    while ((await harness.countCalls()) < 1) await sleep(10);
    const third = await read(teamAccountId);
    expect([third.status, third.headers["retry-after"]]).toEqual([503, "10"]);
    expect(third.body).toContain("OVERLOADED");
    expect((await harness.ask("{ __typename }")).data).toEqual({ __typename: "Query" });

    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect((await read(teamAccountId)).status).toBe(200);
  });

  test("Chime is not read ahead of a client that pauses, and no more once it disconnects", async () => {
    let calls = 0;
    const Users = Array.from({ length: 200 }, (_, index) => ({
      UserId: `u${index}`,
      DisplayName: "x".repeat(2_000),
    }));
    const url = await startOnResponses(() => ({ Users, NextToken: `${++calls}` }));
    const response = await open(url + path("a"));
    let before = -1;
    while (calls > before) {
      before = calls;
      await sleep(300);
    }
    expect(calls).toBeLessThan(60);
    response.destroy();
    await sleep(300);
    expect(calls).toBeLessThanOrEqual(before + 1);
    expect((await read("a", { columns: "nickname" }, url)).status).toBe(400);
  });
});
