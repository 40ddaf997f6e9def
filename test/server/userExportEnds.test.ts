import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startOnResponses, startOnStub, useClosedGateway, useHarness } from "../support/fixture.js";
import { sendHttp } from "../support/http.js";
import { fault, untilLines } from "../support/logLines.js";
import { test as programTest } from "../support/programs.js";

const harness = useHarness();
const closed = useClosedGateway(harness, { RATE_LIMIT_PER_MINUTE: "3" });
const { largeAccountId, teamAccountId } = SEED;
const path = (accountId: string) => `/export/accounts/${accountId}/users.csv`;
const laterPagesFail = { operation: "ListUsers", kind: "500", path: "next-token" };

/** Reads a transfer that is cut off. */
async function readCutOff(url: string, headers: Record<string, string> = {}): Promise<void> {
  const [response] = (await once(get(url, { headers }), "response")) as [IncomingMessage];
  response.resume();
  await expect(once(response, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
}

/** Begins to read, and stops. */
async function open(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  return response.pause();
}

describe("the log has one line for an export,", { timeout: 60_000 }, () => {
  const env = { CHIME_LOCAL_DATA: ":memory:", CHIME_LOCAL_USERS: "450" };
  const route = "/export/accounts/:accountId/users.csv";

  programTest("with the error that cut it off, compressed or not", async ({ start }) => {
    const program = await start("gateway", env);
    await fault(program, laterPagesFail);
    await readCutOff(program.urls[0] + path(largeAccountId));
    await readCutOff(program.urls[0] + path(largeAccountId), { "accept-encoding": "gzip" });
    const lines = await untilLines(program, 2);
    for (const line of lines)
      expect(line).toMatchObject({ level: 40, route, status: 502, codes: ["UPSTREAM_UNAVAILABLE"] });
  });

  programTest("with CANCELED, if the client disconnected", async ({ start }) => {
    const program = await start("gateway", env);
    await fault(program, { operation: "ListUsers", kind: "latency", ms: 300 });
    for (const headers of [{}, { "accept-encoding": "gzip" }]) {
      const url = program.urls[0] + path(largeAccountId);
      const [response] = (await once(get(url, { headers }), "response")) as [IncomingMessage];
      response.destroy();
    }
    const lines = await untilLines(program, 2);
    for (const line of lines)
      expect(line).toMatchObject({ level: 30, route, status: 499, codes: ["CANCELED"] });
  });
});

test("metrics count exports by their outcome", async () => {
  const count = async (outcome: string) => {
    const { body } = await sendHttp("GET", `${harness.url}/metrics`);
    const line = body.split("\n").find((each) => each.includes(`exports_total{outcome="${outcome}"}`));
    return Number(line?.split(" ")[1]);
  };
  expect(await count("OK")).toBe(0);
  await sendHttp("GET", harness.url + path(teamAccountId));
  await sendHttp("GET", `${harness.url}${path(teamAccountId)}?columns=nickname`);
  await harness.fault(laterPagesFail);
  await readCutOff(harness.url + path(largeAccountId));
  await expect.poll(() => count("UPSTREAM_UNAVAILABLE")).toBe(1);
  expect([await count("OK"), await count("BAD_USER_INPUT")]).toEqual([1, 1]);
});

test("metrics count an export that fails with an internal error among those errors", async () => {
  const url = await startOnResponses(() => ({ Users: "none" }));
  const { status } = await sendHttp("GET", url + path("a"));
  const { body } = await sendHttp("GET", `${url}/metrics`);
  expect(status).toBe(500);
  expect(body).toContain("chime_gateway_internal_errors_total 1\n");
  expect(body).toContain('chime_gateway_exports_total{outcome="INTERNAL_SERVER_ERROR"} 1\n');
});

describe("exports do not wait for one another:", () => {
  test("READ_DEADLINE_MS limits the first page only, so that one that Chime throttles frees its slot", async () => {
    let isThrottled = true;
    let pages = 0;
    const url = await startOnStub(
      (_request, response) => {
        if (isThrottled)
          return void response.writeHead(429, { "x-amzn-errortype": "ThrottledClientException" }).end("{}");
        const body = JSON.stringify({
          Users: [{ UserId: `u${pages}` }],
          ...(pages < 3 && { NextToken: `${pages}` }),
        });
        setTimeout(
          () => response.setHeader("content-type", "application/json").end(body),
          pages++ > 0 ? 800 : 0,
        );
      },
      { READ_DEADLINE_MS: "2000" },
    );
    const throttled = await Promise.all([1, 2].map(() => sendHttp("GET", url + path("a"))));
    for (const { status, headers, body } of throttled) {
      expect([status, headers["retry-after"]]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect(body).toContain("THROTTLED");
    }
    isThrottled = false;
    const { status, body } = await sendHttp("GET", `${url}${path("a")}?columns=userId`);
    expect([status, body]).toEqual([200, "userId\r\nu0\r\nu1\r\nu2\r\nu3\r\n"]);
  });

  test("a client that reads nothing is disconnected after the time that it may pause", async () => {
    let calls = 0;
    const Users = Array.from({ length: 200 }, (_, index) => ({
      UserId: `u${index}`,
      DisplayName: "x".repeat(5_000),
    }));
    const url = await startOnResponses(
      () => ({ Users, NextToken: `${++calls}` }),
      {},
      { exportPauseLimit: 500 },
    );
    const stalled = await Promise.all([open(url + path("a")), open(url + path("a"))]);
    const began = performance.now();
    while ((await sendHttp("GET", `${url}${path("a")}?columns=x`)).status === 503) await sleep(100);
    expect(performance.now() - began).toBeLessThan(5_000);
    await Promise.all(
      stalled.map((response) => expect(once(response.resume(), "end")).rejects.toThrow("aborted")),
    );
  });

  test("a caller with a token has one at a time, and it counts toward RATE_LIMIT_PER_MINUTE", async () => {
    await harness.fault({ operation: "ListUsers", kind: "latency", ms: 500 });
    const readAs = async (sub: string) => {
      const headers = await closed.headersFor({ sub, scope: "chime:read" });
      return sendHttp("GET", closed.url + path(largeAccountId), { headers });
    };
    const first = readAs("ada");
    while ((await harness.countCalls()) < 1) await sleep(10);
    const second = await readAs("ada");
    expect([second.status, second.headers["retry-after"]]).toEqual([429, "10"]);
    expect(second.body).toContain("An export of this caller is in progress.");
    expect((await readAs("grace")).status).toBe(200);
    expect((await first).status).toBe(200);
    expect((await readAs("ada")).status).toBe(200);
    const limited = await readAs("ada");
    expect([limited.status, limited.body]).toEqual([429, expect.stringContaining("RATE_LIMITED")]);
  });
});
