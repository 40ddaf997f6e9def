import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { linesIn, logKey, startAudited } from "../support/auditedGateway.js";
import { ask, useHarness } from "../support/fixture.js";
import { allLines, untilLines } from "../support/logLines.js";
import { test as programTest } from "../support/programs.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const { teamAccountId: accountId, userId } = SEED;
const logout = {
  query: `mutation { logoutUser(input: { accountId: "${accountId}", userId: "${userId}" }) { outcome } }`,
};
const done = { data: { logoutUser: { outcome: "DONE" } } };
const outcome = expect.objectContaining({ event: "outcome", outcome: "DONE" });

describe("the audit log's file", () => {
  test("is opened again after it was renamed, and no line is lost", async () => {
    const { url, file } = await startAudited(harness);
    const write = () => Promise.all(Array.from({ length: 5 }, () => ask(url, logout)));
    const writing = Array.from({ length: 10 }, async () =>
      expect(await write()).toEqual(Array(5).fill(done)),
    );
    await Promise.all(writing.slice(0, 1));
    renameSync(file, `${file}.1`);
    await Promise.all(writing);
    await ask(url, logout);
    const lines = [...linesIn(`${file}.1`), ...linesIn(file)];
    expect(lines).toHaveLength(51);
    expect(linesIn(file).length).toBeGreaterThan(0);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test("goes on at its start after it was truncated", async () => {
    const { url, file } = await startAudited(harness);
    await ask(url, logout);
    truncateSync(file);
    await ask(url, logout);
    expect(linesIn(file)).toEqual([outcome]);
    expect(readFileSync(file, "utf8")).toMatch(/^\{.*\}\n$/);
  });

  test("may have lines of other processes in between", async () => {
    const { url, file } = await startAudited(harness);
    await ask(url, logout);
    appendFileSync(file, `{"time":0,"event":"other"}\n`);
    await ask(url, logout);
    expect(linesIn(file)).toEqual([outcome, { event: "other" }, outcome]);
  });
});

describe("with AUDIT_REQUIRED=true", () => {
  const required = { AUDIT_REQUIRED: "true" };
  const sent = { log: "audit", requestId: expect.any(String), write: 1, mutation: "logoutUser", accountId };

  test("a line with the intent is there before the write is sent, and the outcome follows", async () => {
    const { url, file } = await startAudited(harness, required);
    await harness.fault({ operation: "LogoutUser", kind: "latency", ms: 500, next: 1 });
    const answer = ask(url, logout);
    await expect.poll(() => harness.calls()).toEqual({ LogoutUser: 1 });
    const intent = { ...sent, event: "intent", targets: [{ userId }] };
    expect(linesIn(file)).toEqual([intent]);
    expect(await answer).toEqual(done);
    expect(linesIn(file)).toEqual([intent, expect.objectContaining({ ...sent, event: "outcome" })]);
  });

  test.skipIf(process.platform !== "linux")("the lines can go to a named pipe, or to a device", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pipe-"));
    const pipe = join(folder, "audit");
    execFileSync("mkfifo", [pipe]);
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => {
      closeSync(reader);
      rmSync(folder, { recursive: true });
    });
    for (const target of [pipe, "/dev/null"]) {
      const { url } = await startAudited(harness, { ...required, AUDIT_LOG: target });
      expect(await ask(url, logout)).toEqual(done);
    }
    const text = Buffer.alloc(64 * 1_024);
    const lines = text.toString("utf8", 0, readSync(reader, text)).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(["intent", "outcome"]);
  });

  test("a write that cannot be recorded is refused, nothing is sent, and reads go on", async () => {
    const { url, file, folder } = await startAudited(harness, required);
    rmSync(folder, { recursive: true });
    expect(await ask(url, logout)).toEqual({
      data: { logoutUser: null },
      errors: [
        expect.objectContaining({
          message: "The write was not sent, because AUDIT_LOG cannot be written and AUDIT_REQUIRED is true.",
          path: ["logoutUser"],
          extensions: { code: "AUDIT_UNAVAILABLE" },
        }),
      ],
    });
    expect(await harness.calls()).toEqual({});
    expect(await ask(url, { query: `{ account(accountId: "${accountId}") { accountId } }` })).toEqual({
      data: { account: { accountId } },
    });
    expect(linesIn(file)).toEqual([]);
  });
});

const memory = { CHIME_LOCAL_DATA: ":memory:", LOG_KEY: logKey };

describe("a gateway", { timeout: 60_000 }, () => {
  programTest("writes the audit log to standard output, between the lines of its log", async ({ start }) => {
    const program = await start("gateway", { ...memory, AUDIT_LOG: "stdout" });
    expect(await ask(String(program.urls[0]), logout)).toEqual(done);
    const isAudit = ({ log }: Record<string, unknown>) => log === "audit";
    const [line, request] = (await untilLines(program, 2)).toSorted((a) => (isAudit(a) ? -1 : 1));
    expect(line).toEqual({
      log: "audit",
      event: "outcome",
      requestId: request?.["requestId"],
      write: 1,
      mutation: "logoutUser",
      accountId,
      targets: [{ userId }],
      outcome: "DONE",
      calls: { LogoutUser: 1 },
      awsRequestIds: [expect.any(String)],
    });
    expect(request).toMatchObject({ msg: "request" });
    expect(request).not.toHaveProperty("log");
  });

  programTest.skipIf(process.platform !== "linux")(
    "whose audit log is on a full disk goes on, and reports it once in its log and by a metric",
    async ({ start }) => {
      const program = await start("gateway", { ...memory, AUDIT_LOG: "/dev/full", LOG_LEVEL: "error" });
      const [url = ""] = program.urls;
      for (let n = 0; n < 3; n++) expect(await ask(url, logout)).toEqual(done);
      expect(await untilLines(program, 1)).toEqual([
        {
          level: 50,
          reason: "ENOSPC",
          msg: "AUDIT_LOG cannot be written: writes continue without audit lines",
        },
      ]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain('chime_gateway_audit_lines_total{outcome="failed"} 3\n');
      expect(metrics).toContain('chime_gateway_audit_lines_total{outcome="written"} 0\n');
    },
  );

  programTest("whose audit log's reader stalls waits for it once, and goes on without", async ({ start }) => {
    const program = await start("gateway", { ...memory, AUDIT_LOG: "stdout" });
    const [url = ""] = program.urls;
    const failed = async () =>
      Number(
        /^chime_gateway_audit_lines_total\{outcome="failed"\} (\d+)$/m.exec(
          await (await fetch(`${url}/metrics`)).text(),
        )?.[1],
      );
    // Each line has 500 targets: some 50 kB.
    const addresses = Array.from({ length: 500 }, (_, n) => `not an address ${n}`);
    const invite = {
      query: "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcome } }",
      variables: { input: { accountId, userEmailList: addresses } },
    };
    program.child.stdout?.pause();
    const durations: number[] = [];
    for (let n = 0; n < 30; n++) {
      const began = performance.now();
      expect(await ask(url, invite)).toEqual({ data: { inviteUsers: { outcome: "NOT_DONE" } } });
      durations.push(performance.now() - began);
    }
    const lost = await failed();
    expect(lost).toBeGreaterThan(5);
    expect(durations.filter((duration) => duration > 1_900).length).toBeLessThan(lost / 2);

    program.child.stdout?.resume();
    await expect.poll(() => program.stdout, { timeout: 10_000 }).toContain("AUDIT_LOG cannot be written");
    expect(await ask(url, logout)).toEqual(done);
    expect(await failed()).toBe(lost);
    await expect.poll(() => program.stdout).toContain('"mutation":"logoutUser"');
  });

  programTest("logs when the audit log can be written again", async ({ start, folder }) => {
    const file = join(folder, "audit.log");
    const program = await start("gateway", { ...memory, AUDIT_LOG: file });
    const [url = ""] = program.urls;
    rmSync(file);
    renameSync(folder, `${folder}-moved`);
    expect(await ask(url, logout)).toEqual(done);
    renameSync(`${folder}-moved`, folder);
    expect(await ask(url, logout)).toEqual(done);
    await expect
      .poll(() => allLines(program).filter(({ msg }) => String(msg).startsWith("AUDIT_LOG")))
      .toEqual([
        {
          level: 50,
          reason: "ENOENT",
          msg: "AUDIT_LOG cannot be written: writes continue without audit lines",
        },
        { level: 30, msg: "AUDIT_LOG is written again" },
      ]);
    expect(readFileSync(file, "utf8")).toMatch(/^\n?\{.*\}\n$/);
  });
});
