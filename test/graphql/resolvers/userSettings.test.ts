import { GetUserSettingsCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../../support/fixture.js";
import { startStub } from "../../support/stub.js";

const harness = useHarness();
const { teamAccountId: accountId, userId } = SEED;

const ids = `accountId: "${accountId}", userId: "${userId}"`;
const telephony = "settings { telephony { inboundCalling outboundCalling sms } }";
const seeded = { inboundCalling: true, outboundCalling: true, sms: false };
const off = { inboundCalling: false, outboundCalling: false, sms: false };

async function overlaps(a: string, b: string): Promise<boolean> {
  const arrivals = await harness.arrivals();
  const find = (operation: string) => arrivals.find((arrival) => arrival.operation === operation);
  const [first, second] = [find(a), find(b)];
  if (!first?.finishedAt || !second?.finishedAt) return false;
  return first.startedAt < second.finishedAt && second.startedAt < first.finishedAt;
}

describe("a user's settings", () => {
  test.each([
    ["a user", `user(${ids}) { ${telephony} }`, "user"],
    [
      "an account's user",
      `account(accountId: "${accountId}") { user(userId: "${userId}") { ${telephony} } }`,
      "account",
    ],
  ])("are fetched together with %s", async (_what, query, field) => {
    await harness.fault({ kind: "latency", ms: 200 });
    const { data, errors } = await harness.ask(`{ ${query} }`);

    expect(errors).toBeUndefined();
    expect(data[field].user ?? data[field]).toEqual({ settings: { telephony: seeded } });
    expect(await harness.calls()).toMatchObject({ GetUser: 1, GetUserSettings: 1 });
    expect(await overlaps("GetUser", "GetUserSettings")).toBe(true);
  });

  test("cost one call for each user of a list", async () => {
    const { data } = await harness.ask(
      `{ account(accountId: "${accountId}") { users(first: 5) { nodes { userId ${telephony} } } } }`,
    );

    expect(data.account.users.nodes).toHaveLength(5);
    for (const node of data.account.users.nodes)
      expect(node.settings.telephony).toEqual(node.userId === userId ? seeded : off);
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1, GetUserSettings: 5 });
  });

  test("are fetched together with users by id", async () => {
    const userIds = await harness.userIds(accountId, 5);
    await harness.fault({ kind: "latency", ms: 200 });
    const { data } = await harness.ask(
      `query ($userIds: [ID!]!) { users(accountId: "${accountId}", userIds: $userIds) { userId ${telephony} } }`,
      { userIds },
    );

    expect(data.users.map((user: { userId: string }) => user.userId)).toEqual(userIds);
    expect(await harness.calls()).toMatchObject({ ListUsers: 1, GetUserSettings: 5 });
    expect(await overlaps("ListUsers", "GetUserSettings")).toBe(true);
  });

  test("are fetched once, however often they are selected", async () => {
    const { data } = await harness.ask(
      `{ user(${ids}) { ${telephony} again: ${telephony} } userByEmail(email: "${SEED.userEmail}") { ${telephony} } }`,
    );

    expect(data.user.again.telephony).toEqual(data.userByEmail.settings.telephony);
    expect((await harness.calls())["GetUserSettings"]).toBe(1);
  });

  test("that fail are null, and the user keeps its other fields", async () => {
    await harness.fault({ operation: "GetUserSettings", kind: "503" });
    const { data, errors = [] } = await harness.ask(`{ user(${ids}) { displayName ${telephony} } }`);

    expect(data.user).toEqual({ displayName: "Amara Okafor", settings: null });
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["user", "settings"], "UPSTREAM_UNAVAILABLE"],
    ]);
  });

  test("of a user who does not exist are not reported", async () => {
    expect(
      await harness.ask(`{ user(accountId: "${accountId}", userId: "nobody") { ${telephony} } }`),
    ).toEqual({
      data: { user: null },
    });
  });

  test.each([
    ["all settings", {}],
    ["one of them", { UserSettings: { Telephony: { InboundCalling: true, OutboundCalling: true } } }],
  ])("are null with an error if Chime's response lacks %s", async (_what, body) => {
    const stub = await startStub(({ url = "" }, response) => {
      const user = { User: { UserId: userId, AccountId: accountId } };
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify(url.endsWith("/settings") ? body : user));
    });
    const gateway = await startOn(stub.url);
    const { data, errors = [] } = await ask(gateway.url, {
      query: `{ user(${ids}) { userId ${telephony} } }`,
    });
    await gateway.close();
    await stub.close();

    expect(data.user).toEqual({ userId, settings: null });
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["user", "settings"], "INTERNAL_SERVER_ERROR"],
    ]);
  });
});

describe("updateUserSettings", () => {
  const changed = { inboundCalling: false, outboundCalling: true, sms: true };
  const update = (input: object, selection = "") =>
    harness.ask(
      `mutation ($input: UpdateUserSettingsInput!) { updateUserSettings(input: $input) {
        outcome ${selection} errors { code path } } }`,
      { input: { accountId, userId, userSettings: { telephony: changed }, ...input } },
    );

  test("sets all three together, and returns the user with its new settings", async () => {
    const { data } = await update({}, `user { userId ${telephony} }`);

    expect(data.updateUserSettings).toEqual({
      outcome: "DONE",
      user: { userId, settings: { telephony: changed } },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ UpdateUserSettings: 1, GetUser: 1, GetUserSettings: 1 });
    const { UserSettings } = await harness.chime.send(
      new GetUserSettingsCommand({ AccountId: accountId, UserId: userId }),
    );
    expect(UserSettings).toEqual({ Telephony: { InboundCalling: false, OutboundCalling: true, SMS: true } });
  });

  test("reads nothing back that is not selected", async () => {
    expect((await update({})).data.updateUserSettings).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ UpdateUserSettings: 1 });
    await harness.forgetCalls();
    await update({}, "user { userId }");
    expect(await harness.calls()).toEqual({ UpdateUserSettings: 1, GetUser: 1 });
  });

  test.each([
    ["an unknown user", { userId: "nobody" }, { code: "NOT_FOUND", path: null }],
    ["a malformed id", { userId: "a/b" }, { code: "BAD_REQUEST", path: ["userId"] }],
  ])("reports %s", async (_what, input, error) => {
    expect((await update(input)).data.updateUserSettings).toEqual({ outcome: "NOT_DONE", errors: [error] });
  });

  test("requires all three settings", async () => {
    const { errors = [] } = await update({ userSettings: { telephony: { sms: true } } });

    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT", "BAD_USER_INPUT"]);
    expect(await harness.calls()).toEqual({});
  });
});
