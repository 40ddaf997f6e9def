import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startCollector, valuesOf } from "../support/collector.js";
import { ask } from "../support/fixture.js";
import { allLines, fault } from "../support/logLines.js";
import { type Program, test } from "../support/programs.js";

const { teamAccountId, smallAccountId, userId, userEmail } = SEED;
const account = `accountId: "${teamAccountId}"`;
const user = `${account}, userId: "${userId}"`;

interface Case {
  readonly operation: string;
  /** What goes wrong at Chime. */
  readonly fault?: object;
  readonly expected: {
    /** Of the metric: one for each request. */
    readonly label: string;
    /** Of the log line and the span. */
    readonly codes: readonly string[];
    /** Whether the log line is a warning. */
    readonly warns: boolean;
    /** Whether the span is an error. */
    readonly isError: boolean;
  };
}

const userError = (...codes: string[]) => ({ label: codes[0] ?? "", codes, warns: false, isError: false });
const unknown = (...codes: string[]) => ({ label: "OUTCOME_UNKNOWN", codes, warns: true, isError: true });
const done = { label: "OK", codes: [], warns: false, isError: false };

/** By the operations' names. None of them selects errors. */
const cases: Readonly<Record<string, Case>> = {
  Done: { operation: `updateAccount(input: { ${account}, name: "Done" })`, expected: done },
  Lost: {
    operation: `updateAccount(input: { ${account}, name: "Lost" })`,
    fault: { operation: "UpdateAccount", kind: "500" },
    expected: unknown("OUTCOME_UNKNOWN"),
  },
  Found: {
    operation: `createUser(input: { ${account}, email: "found@example.com" })`,
    fault: { operation: "CreateUser", kind: "reset-after" },
    expected: done,
  },
  Throttled: {
    operation: `resetPersonalPin(input: { ${user} })`,
    fault: { operation: "ResetPersonalPIN", kind: "429" },
    expected: { label: "THROTTLED", codes: ["THROTTLED"], warns: false, isError: true },
  },
  Invalid: {
    operation: `updateAccount(input: { ${account}, name: " " })`,
    expected: userError("BAD_REQUEST"),
  },
  Taken: {
    operation: `createUser(input: { ${account}, email: "${userEmail}" })`,
    expected: userError("CONFLICT"),
  },
  Missing: {
    operation: `updateAccount(input: { accountId: "none", name: "New" })`,
    expected: userError("NOT_FOUND"),
  },
  Empty: {
    operation: `inviteUsers(input: { ${account}, userEmailList: [] })`,
    expected: userError("BAD_REQUEST"),
  },
  Malformed: {
    operation: `inviteUsers(input: { ${account}, userEmailList: ["a@example.com", "broken"] })`,
    expected: userError("BAD_REQUEST"),
  },
  NotTeam: {
    operation: `inviteUsers(input: { accountId: "${smallAccountId}", userEmailList: ["a@example.com", "broken"] })`,
    expected: userError("FORBIDDEN", "BAD_REQUEST"),
  },
  Item: {
    operation: `batchUpdateUser(input: { ${account}, updateUserRequestItems: [
      { userId: "..", licenseType: PRO }, { userId: "${userId}", licenseType: PRO }] })`,
    fault: { operation: "BatchUpdateUser", kind: "500" },
    expected: unknown("BAD_REQUEST", "OUTCOME_UNKNOWN"),
  },
  Two: {
    operation: `a: updateAccount(input: { accountId: "none", name: "New" }) { outcome }
      b: updateUser(input: { ${user}, licenseType: PRO })`,
    fault: { operation: "UpdateUser", kind: "close" },
    expected: unknown("NOT_FOUND", "OUTCOME_UNKNOWN"),
  },
  NotReadBack: {
    operation: `updateUser(input: { ${user}, licenseType: PRO }) { user { id } } a: createAccount(input: { name: "" })`,
    fault: { operation: "GetUser", kind: "500" },
    expected: {
      label: "UPSTREAM_UNAVAILABLE",
      codes: ["UPSTREAM_UNAVAILABLE", "BAD_REQUEST"],
      warns: false,
      isError: true,
    },
  },
};

const faultsOf = (program: Program) => `${program.urls[1]}/_local/faults`;
const linesOf = (program: Program) =>
  allLines(program).filter(({ msg, route }) => msg === "request" && route === "/graphql");

describe("the codes that payloads report", { timeout: 60_000 }, () => {
  const memory = { CHIME_LOCAL_DATA: ":memory:", WRITE_DEADLINE_MS: "2000" };

  test("are in the metric, the log line and the span of each request, without any values", async ({
    start,
    onTestFinished,
  }) => {
    const collector = await startCollector();
    onTestFinished(() => void collector.close());
    const program = await start("gateway", {
      ...memory,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    const [url = ""] = program.urls;
    for (const [name, { operation, fault: rule }] of Object.entries(cases)) {
      if (rule) await fault(program, rule);
      await ask(url, { query: `mutation ${name} { ${operation} { outcome } }` });
      await fetch(faultsOf(program), { method: "DELETE" });
    }
    await ask(url, { query: "query Argument { accounts(first: 0) { nodes { name } } }" });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    await program.stop("SIGTERM");

    const lines = linesOf(program);
    const spans = collector.spans();
    const found = (name: string, type: string) => {
      const line = lines.find((each) => each["operation"] === name);
      const span = spans.find((each) => each.name === `${type} ${name}`);
      const { "chime.error_codes": codes = [], "error.type": error } = valuesOf(span?.attributes ?? []);
      const series = `chime_gateway_requests_total{operation="${name}",type="${type}",code="`;
      const [, label, count] = new RegExp(`^${series}(\\w+)"} (\\d+)$`, "m").exec(metrics) ?? [];
      expect([name, count, error]).toEqual([name, "1", span?.status.code === 2 ? label : undefined]);
      expect([name, line?.["codes"] ?? []]).toEqual([name, codes]);
      return { label, codes, warns: line?.["level"] === 40, isError: span?.status.code === 2 };
    };

    expect(Object.fromEntries(Object.keys(cases).map((name) => [name, found(name, "mutation")]))).toEqual(
      Object.fromEntries(Object.entries(cases).map(([name, { expected }]) => [name, expected])),
    );
    expect(found("Argument", "query")).toEqual(userError("BAD_USER_INPUT"));
    const everything = metrics + program.stdout + JSON.stringify(spans);
    for (const value of ["example.com", "broken", "userEmailList", userEmail, userId])
      expect(everything).not.toContain(value);
  });

  test("are in the log line of a client that disconnected", async ({ start }) => {
    const program = await start("gateway", memory);
    const [url = "", chimeUrl] = program.urls;
    await fault(program, { operation: "UpdateAccount", kind: "latency", ms: 600 });
    await fault(program, { operation: "UpdateAccount", kind: "500" });
    const client = new AbortController();
    const answer = fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: `mutation Left { ${cases["Lost"]?.operation} { outcome } }` }),
      signal: client.signal,
    }).catch(() => undefined);
    await expect
      .poll(async () => (await (await fetch(`${chimeUrl}/_local/requests`)).json()) as object)
      .toMatchObject({ counts: { UpdateAccount: 1 } });
    client.abort();
    await answer;

    await expect.poll(() => linesOf(program).length).toBe(1);
    expect(linesOf(program)).toMatchObject([
      { level: 40, status: 499, operation: "Left", codes: ["CANCELED", "OUTCOME_UNKNOWN"] },
    ]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      `chime_gateway_requests_total{operation="Left",type="mutation",code="OUTCOME_UNKNOWN"} 1`,
    );
  });
});
