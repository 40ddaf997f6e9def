import { CreateAccountCommand, GetUserCommand, ListAccountsCommand } from "@aws-sdk/client-chime";
import { expect, onTestFinished, test, vi } from "vitest";
import { createCallLog } from "../../src/chime-local/callLog.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useChime } from "./fixture.js";

const chime = useChime(3);

const AccountId = SEED.teamAccountId;
const user = `/accounts/${AccountId}/users/${SEED.userId}`;
const json = async (method: string, path: string, body?: object) => {
  const response = await chime.http(method, path, body === undefined ? {} : { body });
  return { status: response.status, ...JSON.parse(response.body) };
};

test("the health endpoint returns ok", async () => {
  expect(await json("GET", "/_local/health")).toEqual({ status: "ok" });
});

test("the log has each request with its result", async () => {
  const { headers } = await chime.http("GET", `${user}?x=1`);
  await chime.http("POST", "/accounts", { body: {} });
  await chime.http("GET", "/unknown");
  const common = {
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    startedAt: expect.any(Number),
    finishedAt: expect.any(Number),
    requestId: expect.any(String),
  };
  expect(await chime.log()).toEqual({
    total: 3,
    counts: { GetUser: 1, CreateAccount: 1 },
    requests: [
      {
        ...common,
        operation: "GetUser",
        method: "GET",
        path: `${user}?x=1`,
        status: 200,
        requestId: headers["x-amzn-requestid"],
      },
      { ...common, operation: "CreateAccount", method: "POST", path: "/accounts", status: 400 },
      { ...common, method: "GET", path: "/unknown", status: 400 },
    ],
  });
});

test("concurrent requests overlap in the log", async () => {
  await chime.fault({ kind: "latency", ms: 30 });
  const get = () => chime.client.send(new GetUserCommand({ AccountId, UserId: SEED.userId }));
  await Promise.all([get(), get(), get()]);
  await get();
  const { requests } = await chime.log();
  const [firstEnd = 0] = requests.map(({ finishedAt = 0 }) => finishedAt).toSorted((a, b) => a - b);
  const started = requests.map(({ startedAt }) => startedAt < firstEnd);
  expect(started).toEqual([true, true, true, false]);
});

test("the log can be cleared", async () => {
  await chime.http("GET", user);
  await chime.http("DELETE", "/_local/requests");
  expect(await chime.log()).toEqual({ total: 0, counts: {}, requests: [] });
});

test("the log keeps the last 10,000 requests, oldest first, and counts all", () => {
  const log = createCallLog();
  for (let n = 0; n < 10_003; n++) log.route(log.start("GET", `/${n}`, "id"), "GetUser");
  const { total, counts, requests } = log.read();
  expect({ total, counts, kept: requests.length }).toEqual({
    total: 10_003,
    counts: { GetUser: 10_003 },
    kept: 10_000,
  });
  expect([requests[0]?.path, requests.at(-1)?.path]).toEqual(["/3", "/10002"]);
});

test("a reset restores the seeded state and clears faults and log", async () => {
  const accounts = async () => (await chime.client.send(new ListAccountsCommand({}))).Accounts;
  const seeded = await accounts();
  await chime.http("POST", `/accounts/${AccountId}`, { body: { Name: "Renamed" } });
  await chime.client.send(new CreateAccountCommand({ Name: "New" }));
  await chime.fault({ kind: "503", operation: "GetUser" });
  expect(await json("POST", "/_local/reset")).toEqual({ status: "ok", users: 3 });
  expect((await chime.log()).total).toBe(0);
  expect(await accounts()).toEqual(seeded);
  expect((await chime.http("GET", user)).status).toBe(200);
});

test("after a reset the same requests return the same ids and PINs", async () => {
  const sendAll = async () => {
    await chime.http("POST", "/_local/reset");
    const account = await json("POST", "/accounts", { Name: "Birch" });
    const id = account.Account.AccountId;
    const created = await json("POST", `/accounts/${id}/users?operation=create`, { Username: "Nia" });
    const invited = await json("POST", `/accounts/${id}/users?operation=add`, {
      UserEmailList: ["a@b.example"],
    });
    const reset = await json("POST", `${user}?operation=reset-personal-pin`, {});
    return [
      id,
      created.User.UserId,
      created.User.PersonalPIN,
      invited.Invites[0].InviteId,
      reset.User.PersonalPIN,
    ];
  };
  const first = await sendAll();
  expect(await sendAll()).toEqual(first);
  expect(new Set(first).size).toBe(5);
});

test("time passes when the clock is advanced, until a reset", async () => {
  const week = 7 * 24 * 60 * 60 * 1000;
  expect(await json("GET", "/_local/clock")).toEqual({ status: 200, now: expect.any(String), advancedMs: 0 });
  await json("POST", "/_local/clock", { advanceMs: week });
  const { now, advancedMs } = await json("POST", "/_local/clock", { advanceMs: 1000 });
  expect(advancedMs).toBe(week + 1000);
  expect(Math.abs(Date.parse(now) - Date.now() - advancedMs)).toBeLessThan(5000);
  const { Account } = await chime.client.send(new CreateAccountCommand({ Name: "Birch" }));
  expect(Account?.CreatedTimestamp?.getTime()).toBeGreaterThan(Date.now() + week);
  await chime.http("POST", "/_local/reset");
  expect(await json("GET", "/_local/clock")).toMatchObject({ advancedMs: 0 });
});

test("a reset restores a number that has left the deletion queue since", async () => {
  const find = () => chime.http("GET", `/phone-numbers/${encodeURIComponent(SEED.deletedNumber)}`);
  await chime.http("POST", "/_local/reset");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6 * 24 * 60 * 60 * 1000 });
  onTestFinished(() => void vi.useRealTimers());
  expect((await find()).status).toBe(404);
  await chime.http("POST", "/_local/reset");

  expect((await find()).status).toBe(200);
});

test("a reset can change the size of the large account, and later resets keep it", async () => {
  const size = async () =>
    (await json("GET", `/accounts/${SEED.largeAccountId}/users?max-results=200`)).Users.length;
  expect(await json("POST", "/_local/reset", { users: 7 })).toEqual({ status: "ok", users: 7 });
  expect(await size()).toBe(7);
  await chime.http("POST", "/_local/reset");
  expect(await size()).toBe(7);
  await json("POST", "/_local/reset", { users: 3 });
});

test("the ids in SEED never change", () => {
  expect(SEED).toEqual({
    awsAccountId: "111122223333",
    teamAccountId: "0dc8b473-7317-1c14-fe0f-58f5ed2ecac2",
    largeAccountId: "922f5696-3852-1e7b-7464-d829731e0f8b",
    twoHundredAccountId: "2e76fe3d-90f7-b444-8eb8-8d34bb012e43",
    smallAccountId: "b82a990d-94b9-f808-d2ea-f7a52ce7f5a7",
    emptyAccountId: "7bb2cf0d-6b26-e7ef-7e39-59f7965459fc",
    suspendedAccountId: "f67c7454-8271-9db8-1351-cacea8cbfab3",
    userId: "5040d62b-78ab-893a-3da9-dd7500964b6b",
    userEmail: "amara.okafor@harborstreet.example.com",
    pendingUserId: "89d511c8-35a5-5b8a-ab88-237f0c052064",
    suspendedUserId: "6532084c-5539-5f86-3067-8996b6c68d7b",
    sharedDeviceUserId: "0d9d8a1c-bd11-6ec7-c06b-714ccc28aca4",
    failedInviteUserId: "5e51d7d3-e9ad-a754-a51b-fbc6c70e2e99",
    roomId: "038e171a-a3e3-ba8a-4ccf-7b1886f9d097",
    messageId: "d906c842-bbc5-2a3f-e263-c338ba3289a8",
    conversationId: "cf411234-fe92-da14-1aaa-a997c63af741",
    conversationMessageId: "c88f0a63-6a62-140c-c7df-45c55fece523",
    botId: "16304a5f-c356-22f1-c3e4-66067f033838",
    stoppedBotId: "b80fb015-0838-e606-350b-ca454b262454",
    assignedNumber: "+12065550100",
    freeNumber: "+19075550100",
    deletedNumber: "+19075550105",
    orderId: "3730aaff-538d-bf98-9c46-45766372b21f",
  });
});

test.each([
  ["GET", "/_local/", {}, 404],
  ["GET", "/_local/constructor", {}, 404],
  ["GET", "/_local/reset", {}, 405],
  ["POST", "/_local/health", {}, 405],
  ["POST", "/_local/reset", { users: -1 }, 400],
  ["POST", "/_local/reset", { user: 1 }, 400],
  ["POST", "/_local/reset", [], 400],
  ["POST", "/_local/clock", { advanceMs: -1 }, 400],
  ["POST", "/_local/domains", { accountId: SEED.largeAccountId, release: false }, 400],
])("%s %s with %j returns the problem", async (method, path, body, status) => {
  const sent = method === "GET" ? undefined : body;
  expect(await json(method, path, sent)).toEqual({ status, problems: [expect.any(String)] });
});

test.each([
  ["faults", { ms: -1 }, ["kind is required", "ms must be at least 0"]],
  ["faults", [{ kind: "503", path: "" }], ["0.path must not be empty"]],
  ["faults", { kind: "throttle", perSecond: 0 }, ["perSecond must be more than 0"]],
  ["faults", { kind: "latency" }, ["ms is required for latency rules, and allowed for no others"]],
  ["reset", { users: 1.5 }, ["users must be a whole number"]],
  ["reset", [], ["The body must be an object"]],
  ["clock", {}, ["advanceMs is required"]],
  ["domains", { accountId: "x", release: false }, ["release must be true"]],
  ["domains", { accountId: "x", release: true }, ["accountId is not the id of an account"]],
])("problems of /_local/%s with %j are in plain words", async (endpoint, body, problems) => {
  expect((await json("POST", `/_local/${endpoint}`, body)).problems).toEqual(problems);
});

test("a control request whose body is not JSON is refused", async () => {
  const { status } = await chime.http("POST", "/_local/faults", { body: "{" });
  expect(status).toBe(400);
});
