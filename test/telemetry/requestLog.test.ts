import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { packageJson } from "../../src/packageJson.js";
import { startIssuer } from "../support/issuer.js";
import { type Program, test } from "../support/programs.js";
import { ask } from "../support/world.js";

/** Runs a program in a terminal. */
const script = "/usr/bin/script";
const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const memory = { CHIME_LOCAL_DATA: ":memory:" };
const account = `query Name { account(accountId: "${SEED.teamAccountId}") { name } }`;
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);

/** The lines of a program's log, without their times. */
function allLines({ stdout }: Program): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ time: _, ...line }) => line);
}

/** Those of its life aside. */
const lines = (program: Program) =>
  allLines(program).filter(({ msg }) => !["started", "stopping", "stopped"].includes(String(msg)));

/** Waits until the log has as many lines: an answer is out before its line. */
async function untilLines(program: Program, count: number) {
  await expect.poll(() => lines(program).length).toBe(count);
  return lines(program);
}

async function fault(program: Program, rule: object) {
  await fetch(`${program.urls[1]}/_local/faults`, { method: "POST", body: JSON.stringify(rule) });
}

describe("the log", { timeout: 60_000 }, () => {
  test("has one line for each request, with what it was, how long it took and what it cost, and nothing else", async ({
    start,
  }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    await ask(url, { query: account });
    await ask(url, { query: "{ nothing }" });
    await fetch(`${url}/nowhere/ada@example.com`);
    const bad = await fetch(`${url}/%zz/ada@example.com`, { headers: { "x-request-id": "bad-url" } });
    expect([bad.status, bad.headers.get("x-request-id")]).toEqual([400, "bad-url"]);
    expect(await untilLines(program, 4)).toEqual([
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "POST",
        route: "/graphql",
        status: 200,
        ms: expect.any(Number),
        bodyMs: expect.any(Number),
        operation: "Name",
        type: "query",
        calls: { GetAccount: 1 },
        upstreamMs: expect.any(Number),
        waitedMs: expect.any(Number),
        retries: 0,
        throttles: 0,
        slowest: { operation: "GetAccount", ms: expect.any(Number), awsRequestId: uuid },
      },
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "POST",
        route: "/graphql",
        status: 400,
        ms: expect.any(Number),
        bodyMs: expect.any(Number),
        codes: ["GRAPHQL_VALIDATION_FAILED"],
      },
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "GET",
        route: "",
        status: 404,
        ms: expect.any(Number),
        codes: ["NOT_FOUND"],
      },
      {
        level: 30,
        msg: "request",
        requestId: "bad-url",
        method: "GET",
        route: "",
        status: 400,
        ms: expect.any(Number),
        codes: ["BAD_REQUEST"],
      },
    ]);
  });

  test("says when the gateway starts, as what and where, and when it stops", async ({ start }) => {
    const program = await start("gateway", { ...memory, METRICS_PORT: "0" });
    const [url = ""] = program.urls;
    await ask(url, { query: "{ __typename }" });
    await program.stop("SIGTERM");
    const metricsUrl = expect.stringMatching(/^http:.*\/metrics$/);
    expect(allLines(program)).toEqual([
      {
        level: 30,
        msg: "started",
        version: packageJson.version,
        node: process.version,
        url,
        graphqlUrl: `${url}/graphql`,
        graphiqlUrl: `${url}/graphiql`,
        metricsUrl,
        chimeUrl: program.urls[1],
      },
      expect.objectContaining({ msg: "request" }),
      { level: 30, msg: "stopping" },
      { level: 30, msg: "stopped" },
    ]);
  });

  test("has the codes, retries, throttles and AWS's ids of calls that failed, and counts a retry of one that did not", async ({
    start,
  }) => {
    const program = await start("gateway", memory);
    await fault(program, { operation: "GetAccount", kind: "429", next: 1 });
    await fault(program, { operation: "GetUser", kind: "500" });
    const [url = ""] = program.urls;
    const query = `{ account(accountId: "${SEED.teamAccountId}") { name user(userId: "${SEED.userId}") { personalPin } } }`;
    const { errors } = await ask(url, { query });
    const [line] = await untilLines(program, 1);
    expect(line).toMatchObject({
      codes: ["UPSTREAM_UNAVAILABLE"],
      calls: { GetAccount: 1, GetUser: 1 },
      failed: { GetUser: { UPSTREAM_UNAVAILABLE: 1 } },
      retries: 3,
      throttles: 1,
      awsRequestIds: errors?.map(
        ({ extensions }) => (extensions["chime"] as { requestId: string }).requestId,
      ),
    });
  });

  test("tells the time that a client took to send its body from that of the gateway", async ({ start }) => {
    const program = await start("gateway", memory);
    const socket = connect(Number(new URL(program.urls[0] ?? "").port), "127.0.0.1");
    const body = JSON.stringify({ query: "{ __typename }" });
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    socket.write(body.slice(1));
    const [line = {}] = await untilLines(program, 1);
    socket.destroy();
    expect(line["status"]).toBe(200);
    expect(line["bodyMs"]).toBeGreaterThanOrEqual(900);
    expect(line["ms"]).toBeLessThan(900);
  });

  test("has the slowest call and AWS's id of it, whether it failed or not", async ({ start }) => {
    const program = await start("gateway", memory);
    await fault(program, { operation: "GetUser", kind: "latency", ms: 300, next: 1 });
    const [url = "", chimeUrl] = program.urls;
    const query = `{ account(accountId: "${SEED.teamAccountId}") { name user(userId: "${SEED.userId}") { personalPin } } }`;
    await ask(url, { query });
    const [line = {}] = await untilLines(program, 1);
    expect(line).toMatchObject({ slowest: { operation: "GetUser", awsRequestId: uuid } });
    const { ms, awsRequestId } = line["slowest"] as { ms: number; awsRequestId: string };
    expect(ms).toBeGreaterThanOrEqual(300);
    expect(await (await fetch(`${chimeUrl}/_local/requests`)).text()).toContain(awsRequestId);
  });

  test("warns of a write of unknown outcome, which the caller is told as data, and names it", async ({
    start,
  }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "warn" });
    const [url = ""] = program.urls;
    await fault(program, { operation: "UpdateAccount", kind: "500" });
    const query = `mutation Rename { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { errors { code } } }`;
    expect(await ask(url, { query })).toEqual({
      data: { updateAccount: { errors: [{ code: "OUTCOME_UNKNOWN" }] } },
    });
    expect(await untilLines(program, 1)).toMatchObject([
      {
        level: 40,
        status: 200,
        operation: "Rename",
        codes: ["OUTCOME_UNKNOWN"],
        failed: { UpdateAccount: { OUTCOME_UNKNOWN: 1 } },
      },
    ]);
  });

  test("has AWS's ids of all calls, and questions of health, at debug alone", async ({ start }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "debug" });
    const [url = ""] = program.urls;
    await fetch(`${url}/health/live`);
    await fetch(`${url}/metrics`);
    await ask(url, { query: account });
    expect(await untilLines(program, 3)).toMatchObject([
      { level: 20, route: "/health/live" },
      { level: 20, route: "/metrics" },
      { level: 30, awsRequestIds: [uuid] },
    ]);
  });

  test("has nothing of requests at LOG_LEVEL=warn, but for those that the gateway fails", async ({
    start,
  }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "warn", MAX_REQUESTS: "1" });
    const [url = ""] = program.urls;
    await fault(program, { operation: "GetAccount", kind: "latency", ms: 500, next: 1 });
    const first = ask(url, { query: account });
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let n = 0; n < 5; n++) await ask(url, { query: account });
    await first;
    expect(await untilLines(program, 1)).toEqual([
      { level: 40, msg: "overloaded: requests were refused", refused: 1 },
    ]);
  });

  test("has the request's own id, if it is harmless, which the answer has as well; else one that is made", async ({
    start,
  }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    const idOf = async (given: string) =>
      (await fetch(`${url}/graphql?query={__typename}`, { headers: { "x-request-id": given } })).headers.get(
        "x-request-id",
      );
    expect(await idOf("Root=1-67891233")).toEqual(uuid);
    expect(await idOf("1-67891233:abc.def_7")).toBe("1-67891233:abc.def_7");
    for (const given of ["ada@example.com", "a b", '"}', "a".repeat(129), ""])
      expect(await idOf(given)).toEqual(uuid);
    expect((await untilLines(program, 7))[1]?.["requestId"]).toBe("1-67891233:abc.def_7");
  });

  test("has a caller as a hash, which LOG_KEY makes the same everywhere", async ({
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

  describe("has a line for a caller who went away before the answer was out,", () => {
    /** Asks, and goes away as soon as the call is under way at Chime. */
    async function askAndLeave(program: Program, query: string, operation: string) {
      const [url = "", chimeUrl] = program.urls;
      await fault(program, { operation, kind: "latency", ms: 1_000, next: 1 });
      const gone = new AbortController();
      const answer = fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
        signal: gone.signal,
      }).catch(() => undefined);
      await expect
        .poll(async () => (await (await fetch(`${chimeUrl}/_local/requests`)).json()) as object)
        .toMatchObject({ counts: { [operation]: 1 } });
      await new Promise((resolve) => setTimeout(resolve, 200));
      gone.abort();
      await answer;
    }

    test("with the reads that have kept the caller waiting, which are cut off", async ({ start }) => {
      const program = await start("gateway", memory);
      await askAndLeave(program, account, "GetAccount");
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

    test("with the writes, which are done all the same, when they are", async ({ start }) => {
      const program = await start("gateway", memory);
      const update = `mutation Rename { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { errors { code } } }`;
      await askAndLeave(program, update, "UpdateAccount");
      const [line] = await untilLines(program, 1);
      expect(line).toMatchObject({ status: 499, operation: "Rename", calls: { UpdateAccount: 1 } });
      expect(line?.["upstreamMs"]).toBeGreaterThanOrEqual(1_000);
    });

    test("whose request had not come in whole", async ({ start }) => {
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

  test("whose reader stops reading, and goes away, holds up neither answers nor the stop", async ({
    folder,
    onTestFinished,
  }) => {
    const program = spawn(process.execPath, [main], {
      cwd: folder,
      env: { HOME: folder, PORT: "0", CHIME_LOCAL_PORT: "0", ...memory },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => {
      program.kill("SIGKILL");
    });
    const ended = once(program, "close");
    let said = "";
    program.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    let shown = "";
    program.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain(`"msg":"started"`);
    const url = /http:\/\/[\d.]+:\d+/.exec(shown)?.[0] ?? "";

    // First its reader stops reading, then it goes away.
    program.stdout.pause();
    for (let n = 0; n < 2_000; n++) expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    program.stdout.destroy();
    expect(await ask(url, { query: account })).toEqual({
      data: { account: { name: "Harbor Street Studio" } },
    });
    program.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(said).toBe("");
  });

  test.skipIf(!existsSync(script))("is for a reader in a terminal", async ({ folder, onTestFinished }) => {
    const terminal = spawn(script, ["-qefc", `${process.execPath} ${main}`, "/dev/null"], {
      cwd: folder,
      env: { HOME: folder, PATH: process.env["PATH"], PORT: "0", CHIME_LOCAL_PORT: "0", ...memory },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(async () => {
      terminal.kill();
      await once(terminal, "close");
    });
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain("Ctrl-C stops.");
    await fetch(`${/http:\/\/[\d.]+:\d+/.exec(shown)?.[0]}/nowhere`);
    await expect.poll(() => shown).toMatch(/INFO.*request.*"status":404/);
    expect(shown).not.toContain('"level":30');
  });
});
