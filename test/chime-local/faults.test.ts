import { CreateUserCommand, GetUserCommand, ListUsersCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import type { CallRecord } from "../../src/chime-local/callLog.js";
import { faultRule } from "../../src/chime-local/faults.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { codeIn, tableRows } from "../support/docs.js";
import { failure, sendHttp, useChime } from "./fixture.js";

const chime = useChime(3);

const AccountId = SEED.teamAccountId;
const user = `/accounts/${AccountId}/users/${SEED.userId}`;

const getUser = () => chime.client.send(new GetUserCommand({ AccountId, UserId: SEED.userId }));
const createUser = (Email: string) => chime.client.send(new CreateUserCommand({ AccountId, Email }));

/** The number of users with an address, by an operation that rules for CreateUser don't match. */
async function count(UserEmail: string): Promise<number | undefined> {
  return (await chime.client.send(new ListUsersCommand({ AccountId, UserEmail }))).Users?.length;
}

const codeOf = (response: Promise<unknown>): Promise<string | undefined> =>
  response.then(
    () => "success",
    (error) => error.code ?? error.name,
  );

async function statuses(times: number, path = user): Promise<number[]> {
  const received: number[] = [];
  for (let round = 0; round < times; round++) received.push((await chime.http("GET", path)).status);
  return received;
}

test.each([
  ["429", "ThrottledClientException", "Throttled"],
  ["500", "ServiceFailureException", "ServiceFailure"],
  ["503", "ServiceUnavailableException", "ServiceUnavailable"],
])("%s returns %s and does nothing", async (kind, name, Code) => {
  await chime.fault({ operation: "CreateUser", kind });
  expect(await failure(createUser("nia@example.com"))).toMatchObject({ name, status: Number(kind), Code });
  expect(await count("nia@example.com")).toBe(0);
});

test.each(["502", "504"])("%s returns a proxy's page, without an error type", async (kind) => {
  await chime.fault({ kind });
  const { status, headers, body } = await chime.http("GET", user);
  expect({ status, type: headers["content-type"] }).toEqual({ status: Number(kind), type: "text/html" });
  expect(headers).not.toHaveProperty("x-amzn-errortype");
  expect(body).toContain("<html>");
});

test.each([
  ["reset-before", "ECONNRESET", 0],
  ["close", "ECONNRESET", 0],
  ["reset-after", "ECONNRESET", 1],
  ["truncate", "ECONNRESET", 1],
  ["malformed", "SyntaxError", 1],
])("after %s the client sees %s, and the work is done %d times", async (kind, code, done) => {
  await chime.fault({ operation: "CreateUser", kind });
  expect(await codeOf(createUser("nia@example.com"))).toBe(code);
  expect(await count("nia@example.com")).toBe(done);
});

test.each(["truncate", "malformed"])("%s changes nothing for a response without a body", async (kind) => {
  await chime.fault({ operation: "LogoutUser", kind });
  const { status, body } = await chime.http("POST", `${user}?operation=logout`);
  expect({ status, body }).toEqual({ status: 204, body: "" });
});

/** The log's entry of a request that hangs. */
async function hanging(url: string): Promise<CallRecord> {
  const { body } = await sendHttp(url, "GET", "/_local/requests");
  const entry = JSON.parse(body).requests.find(({ fault }: CallRecord) => fault === "hang");
  return entry ?? hanging(url);
}

test("a hang never responds and does nothing", async () => {
  await chime.fault({ operation: "CreateUser", kind: "hang" });
  const abort = new AbortController();
  const create = new CreateUserCommand({ AccountId, Email: "nia@example.com" });
  const outcome = codeOf(chime.client.send(create, { abortSignal: abort.signal }));
  expect(await hanging(chime.url)).not.toHaveProperty("finishedAt");
  expect(await count("nia@example.com")).toBe(0);
  abort.abort();
  expect(await outcome).toBe("AbortError");
});

test("a hang doesn't prevent the server from stopping", async () => {
  const other = await startChimeLocal({ port: 0, dataFile: ":memory:", users: 0 });
  await sendHttp(other.url, "POST", "/_local/faults", { body: { kind: "hang" } });
  const outcome = codeOf(sendHttp(other.url, "GET", user));
  await hanging(other.url);
  await other.close();
  expect(await outcome).toBe("ECONNRESET");
});

test("latency delays the response; the request succeeds", async () => {
  await chime.fault({ kind: "latency", ms: 50 });
  await getUser();
  const { requests } = await chime.log();
  const { startedAt, finishedAt = 0, status, fault } = requests[0] ?? {};
  // Timers may fire a little early.
  expect(finishedAt - (startedAt ?? 0)).toBeGreaterThan(45);
  expect({ status, fault }).toEqual({ status: 200, fault: "latency" });
});

test("latency combines with another fault", async () => {
  await chime.fault({ kind: "503" }, { kind: "latency", ms: 20 });
  expect(await failure(getUser())).toMatchObject({ status: 503 });
  expect((await chime.log()).requests[0]).toMatchObject({ fault: "latency+503", status: 503 });
});

test("next limits a rule to this number of requests", async () => {
  await chime.fault({ operation: "GetUser", kind: "503", next: 2 });
  expect(await statuses(4)).toEqual([503, 503, 200, 200]);
});

test("the first matching rule applies, and a later one when the first is used up", async () => {
  await chime.fault({ kind: "429", next: 1 }, { kind: "500", next: 1 });
  expect(await statuses(3)).toEqual([429, 500, 200]);
});

test("a rule applies to one operation, or to all", async () => {
  await chime.fault({ operation: "ListUsers", kind: "503" });
  expect(await statuses(1)).toEqual([200]);
  await chime.fault({ operation: "*", kind: "500" });
  expect(await statuses(1)).toEqual([500]);
});

test("a rule can match a part of the path, such as one user", async () => {
  await chime.fault({ path: SEED.pendingUserId, kind: "503" });
  expect(await statuses(1)).toEqual([200]);
  expect(await statuses(1, `/accounts/${AccountId}/users/${SEED.pendingUserId}`)).toEqual([503]);
});

test("probability applies to a share of the requests, the same ones for the same seed", async () => {
  const pattern = async (seed: number) => {
    await chime.http("DELETE", "/_local/faults");
    await chime.fault({ kind: "503", probability: 0.5, seed });
    return await statuses(40);
  };
  const first = await pattern(7);
  expect(await pattern(7)).toEqual(first);
  expect(await pattern(8)).not.toEqual(first);
  const struck = first.filter((status) => status === 503).length;
  expect(struck).toBeGreaterThan(10);
  expect(struck).toBeLessThan(30);
});

test("throttle admits a burst, then this many matching requests a second", async () => {
  await chime.fault({ operation: "GetUser", kind: "throttle", perSecond: 4, burst: 3 });
  const started = performance.now();
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  expect((await chime.http("GET", `/accounts/${AccountId}`)).status).toBe(200);
  let admitted = 3;
  while (admitted < 5) if ((await statuses(1))[0] === 200) admitted += 1;
  expect(performance.now() - started).toBeGreaterThan(490);
});

test("throttle without a burst admits a second's requests at once", async () => {
  await chime.fault({ kind: "throttle", perSecond: 2 });
  expect(await statuses(3)).toEqual([200, 200, 429]);
});

test("a throttled write is not done", async () => {
  await chime.fault({ operation: "CreateUser", kind: "throttle", perSecond: 0.001 });
  await createUser("nia@example.com");
  expect(await failure(createUser("kofi@example.com"))).toMatchObject({ status: 429, Code: "Throttled" });
  expect(await count("kofi@example.com")).toBe(0);
});

test.each([
  [0, 200],
  [1, 503],
])("probability %d always returns %d", async (probability, status) => {
  await chime.fault({ kind: "503", probability });
  expect(new Set(await statuses(10))).toEqual(new Set([status]));
});

test("rules are listed with the number of requests they were applied to, and removed all at once", async () => {
  await chime.fault({ operation: "GetUser", kind: "503", next: 2 });
  await statuses(3);
  const list = async () => JSON.parse((await chime.http("GET", "/_local/faults")).body);
  expect(await list()).toEqual({ faults: [{ operation: "GetUser", kind: "503", next: 2, applied: 2 }] });
  await chime.http("DELETE", "/_local/faults");
  expect(await list()).toEqual({ faults: [] });
});

test("faults never apply to control requests", async () => {
  await chime.fault({ kind: "reset-before" });
  expect((await chime.http("GET", "/_local/health")).status).toBe(200);
});

test("the documentation lists the kinds of faults, and the fields of a rule", () => {
  const names = tableRows("docs/embedded-chime.md").map(([cell]) => codeIn(cell));
  const namesAfter = (first: string, count: number) => names.slice(names.indexOf(first)).slice(0, count);
  const kinds = faultRule.shape.kind.options;
  expect(namesAfter("latency", kinds.length).toSorted()).toEqual([...kinds].toSorted());
  const fields = Object.keys(faultRule.shape);
  expect(namesAfter("operation", fields.length).toSorted()).toEqual(fields.toSorted());
});

test("an invalid rule is refused with all its problems, and no rule is added", async () => {
  const { status, body } = await chime.http("POST", "/_local/faults", {
    body: [{ kind: "503" }, { operation: "GetUsers", kind: "505", next: 0, probability: 2, color: "red" }],
  });
  expect(status).toBe(400);
  const { problems } = JSON.parse(body);
  expect(problems).toEqual([
    "1.operation must be the name of an operation, or *",
    expect.stringMatching(/^1\.kind must be one of 429, 500, /),
    "1.next must be at least 1",
    "1.probability must be at most 1",
    "1.color is not a field of this request",
  ]);
  expect(await statuses(1)).toEqual([200]);
});

test.each([
  [{ kind: "latency" }, "ms"],
  [{ kind: "503", ms: 5 }, "ms"],
  [{ kind: "503", next: 1, probability: 0.5 }, "probability"],
  [{ kind: "throttle" }, "perSecond"],
  [{ kind: "throttle", perSecond: 0 }, "perSecond"],
  [{ kind: "429", perSecond: 5 }, "perSecond"],
  [{ kind: "429", burst: 5 }, "burst"],
  [{ kind: "throttle", perSecond: 5, next: 1 }, "throttle"],
  [{ kind: "throttle", perSecond: 5, probability: 0.5 }, "throttle"],
  [{}, "kind"],
])("the rule %j is refused for its %s", async (rule, member) => {
  const { status, body } = await chime.http("POST", "/_local/faults", { body: rule });
  expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining(member) });
});
