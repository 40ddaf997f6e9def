import { CreateUserCommand, GetUserCommand, ListUsersCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import type { LoggedRequest } from "../../src/chime-local/callLog.js";
import { SEED } from "../../src/chime-local/seed.js";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { failure, sendHttp, useChime } from "./world.js";

const chime = useChime(3);

const AccountId = SEED.teamAccountId;
const user = `/accounts/${AccountId}/users/${SEED.userId}`;

const getUser = () => chime.client.send(new GetUserCommand({ AccountId, UserId: SEED.userId }));
const createUser = (Email: string) => chime.client.send(new CreateUserCommand({ AccountId, Email }));

/** How many users have an address, in an answer that no rule for CreateUser strikes. */
async function count(UserEmail: string): Promise<number | undefined> {
  return (await chime.client.send(new ListUsersCommand({ AccountId, UserEmail }))).Users?.length;
}

const codeOf = (answer: Promise<unknown>): Promise<string | undefined> =>
  answer.then(
    () => "success",
    (error) => error.code ?? error.name,
  );

async function statuses(times: number, path = user): Promise<number[]> {
  const answers: number[] = [];
  for (let round = 0; round < times; round++) answers.push((await chime.http("GET", path)).status);
  return answers;
}

test.each([
  ["429", "ThrottledClientException", "Throttled"],
  ["500", "ServiceFailureException", "ServiceFailure"],
  ["503", "ServiceUnavailableException", "ServiceUnavailable"],
])("%s answers %s and does nothing", async (kind, name, Code) => {
  await chime.fault({ operation: "CreateUser", kind });
  expect(await failure(createUser("nia@example.com"))).toMatchObject({ name, status: Number(kind), Code });
  expect(await count("nia@example.com")).toBe(0);
});

test.each(["502", "504"])("%s answers as a proxy would: a page without an error type", async (kind) => {
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
])("after %s the client sees %s, and the work was done %d times", async (kind, code, done) => {
  await chime.fault({ operation: "CreateUser", kind });
  expect(await codeOf(createUser("nia@example.com"))).toBe(code);
  expect(await count("nia@example.com")).toBe(done);
});

/** The log's entry of a request that a hang has struck. */
async function hanging(url: string): Promise<LoggedRequest> {
  const { body } = await sendHttp(url, "GET", "/_local/requests");
  const entry = JSON.parse(body).requests.find(({ fault }: LoggedRequest) => fault === "hang");
  return entry ?? hanging(url);
}

test("a hang never answers and does nothing", async () => {
  await chime.fault({ operation: "CreateUser", kind: "hang" });
  const abort = new AbortController();
  const create = new CreateUserCommand({ AccountId, Email: "nia@example.com" });
  const answer = codeOf(chime.client.send(create, { abortSignal: abort.signal }));
  expect(await hanging(chime.url)).not.toHaveProperty("finishedAt");
  expect(await count("nia@example.com")).toBe(0);
  abort.abort();
  expect(await answer).toBe("AbortError");
});

test("a hang doesn't keep the server from stopping", async () => {
  const other = await startChimeLocal({ port: 0, dataFile: ":memory:", users: 0 });
  await sendHttp(other.url, "POST", "/_local/faults", { body: { kind: "hang" } });
  const answer = codeOf(sendHttp(other.url, "GET", user));
  await hanging(other.url);
  await other.close();
  expect(await answer).toBe("ECONNRESET");
});

test("latency delays the answer; the request succeeds", async () => {
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

test("next strikes the first so many requests, then never again", async () => {
  await chime.fault({ operation: "GetUser", kind: "503", next: 2 });
  expect(await statuses(4)).toEqual([503, 503, 200, 200]);
});

test("the first rule that matches strikes; a later one when its turn is over", async () => {
  await chime.fault({ kind: "429", next: 1 }, { kind: "500", next: 1 });
  expect(await statuses(3)).toEqual([429, 500, 200]);
});

test("a rule strikes its own operation, or all", async () => {
  await chime.fault({ operation: "ListUsers", kind: "503" });
  expect(await statuses(1)).toEqual([200]);
  await chime.fault({ operation: "*", kind: "500" });
  expect(await statuses(1)).toEqual([500]);
});

test("a rule can be for one user, by a part of the path", async () => {
  await chime.fault({ path: SEED.pendingUserId, kind: "503" });
  expect(await statuses(1)).toEqual([200]);
  expect(await statuses(1, `/accounts/${AccountId}/users/${SEED.pendingUserId}`)).toEqual([503]);
});

test("probability strikes a share of the requests, the same ones for the same seed", async () => {
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

test("throttle lets a burst through, then so many a second, of all that it matches together", async () => {
  await chime.fault({ operation: "GetUser", kind: "throttle", perSecond: 20, burst: 3 });
  const started = performance.now();
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  expect((await chime.http("GET", `/accounts/${AccountId}`)).status).toBe(200);
  let through = 3;
  while (through < 8) if ((await statuses(1))[0] === 200) through += 1;
  expect(performance.now() - started).toBeGreaterThan(245);
});

test("throttle without a burst lets a second's requests through at once", async () => {
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
])("probability %d always gives %d", async (probability, status) => {
  await chime.fault({ kind: "503", probability });
  expect(new Set(await statuses(10))).toEqual(new Set([status]));
});

test("rules are listed with how often they have struck, and removed all at once", async () => {
  await chime.fault({ operation: "GetUser", kind: "503", next: 2 });
  await statuses(3);
  const list = async () => JSON.parse((await chime.http("GET", "/_local/faults")).body);
  expect(await list()).toEqual({ faults: [{ operation: "GetUser", kind: "503", next: 2, struck: 2 }] });
  await chime.http("DELETE", "/_local/faults");
  expect(await list()).toEqual({ faults: [] });
});

test("control requests are never struck", async () => {
  await chime.fault({ kind: "reset-before" });
  expect((await chime.http("GET", "/_local/health")).status).toBe(200);
});

test("a rule that is wrong is refused with all its problems, and none of the rules is added", async () => {
  const { status, body } = await chime.http("POST", "/_local/faults", {
    body: [{ kind: "503" }, { operation: "GetUsers", kind: "505", next: 0, probability: 2, color: "red" }],
  });
  expect(status).toBe(400);
  const { problems } = JSON.parse(body);
  for (const member of ["operation", "kind", "next", "probability", "color"])
    expect(problems).toContainEqual(expect.stringContaining(member));
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
