import { GetRetentionSettingsCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { largeAccountId, smallAccountId, teamAccountId } = SEED;

const retention = `retentionSettings {
  roomRetentionSettings { retentionDays } conversationRetentionSettings { retentionDays } initiateDeletionTimestamp }`;
const periods = (room: number | null, conversation: number | null) => ({
  roomRetentionSettings: { retentionDays: room },
  conversationRetentionSettings: { retentionDays: conversation },
});

async function daysInChime(accountId: string) {
  const { RetentionSettings } = await harness.chime.send(
    new GetRetentionSettingsCommand({ AccountId: accountId }),
  );
  return [
    RetentionSettings?.RoomRetentionSettings?.RetentionDays,
    RetentionSettings?.ConversationRetentionSettings?.RetentionDays,
  ];
}

describe("an account's retention settings", () => {
  test("have both periods, and no time of a deletion while none is scheduled", async () => {
    const { data } = await harness.ask(`{ account(accountId: "${largeAccountId}") { ${retention} } }`);

    expect(data.account.retentionSettings).toEqual({
      ...periods(365, 90),
      initiateDeletionTimestamp: null,
    });
    expect(await harness.calls()).toEqual({ GetAccount: 1, GetRetentionSettings: 1 });
  });

  test("have no days if messages are kept forever", async () => {
    const { data } = await harness.ask(`{ account(accountId: "${smallAccountId}") { ${retention} } }`);

    expect(data.account.retentionSettings).toEqual({
      ...periods(null, null),
      initiateDeletionTimestamp: null,
    });
  });

  test("of a Team account are null, without a call", async () => {
    expect(await harness.ask(`{ account(accountId: "${teamAccountId}") { ${retention} } }`)).toEqual({
      data: { account: { retentionSettings: null } },
    });
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });

  test("of a list of accounts cost one call for each that is not a Team account", async () => {
    const { data, errors } = await harness.ask(`{ accounts { nodes { accountType ${retention} } } }`);
    const types: string[] = data.accounts.nodes.map(
      ({ accountType }: { accountType: string }) => accountType,
    );

    expect(errors).toBeUndefined();
    expect(await harness.calls()).toEqual({
      ListAccounts: 1,
      GetRetentionSettings: types.filter((type) => type !== "TEAM").length,
    });
  });
});

describe("putRetentionSettings", () => {
  const put = (input: object, selection = "") =>
    harness.ask(
      `mutation ($input: PutRetentionSettingsInput!) {
        payload: putRetentionSettings(input: $input) { outcome ${selection} errors { code path message } } }`,
      { input },
    );

  test.each([
    ["as long as before", periods(365, 90), [365, 90]],
    ["longer", periods(366, 5475), [366, 5475]],
    ["forever", periods(null, 90), [undefined, 90]],
    [
      "forever if both are omitted",
      { roomRetentionSettings: {}, conversationRetentionSettings: {} },
      [undefined, undefined],
    ],
  ])("keeps messages %s, without permission to delete", async (_how, retentionSettings, days) => {
    const { data } = await put({ accountId: largeAccountId, retentionSettings });

    expect(data.payload).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ GetRetentionSettings: 1, PutRetentionSettings: 1 });
    expect(await daysInChime(largeAccountId)).toEqual(days);
  });

  test.each([
    ["the period for rooms", largeAccountId, periods(364, 90)],
    ["the period for conversations", largeAccountId, periods(5475, 89)],
    ["a period, and prolongs the other", largeAccountId, periods(1, null)],
    ["forever", smallAccountId, periods(null, 5475)],
  ])("that shortens %s needs permission to delete", async (_what, accountId, retentionSettings) => {
    const before = await daysInChime(accountId);
    await harness.forgetCalls();
    for (const mayDelete of [undefined, null, false])
      expect((await put({ accountId, retentionSettings, mayDelete })).data.payload).toEqual({
        outcome: "NOT_DONE",
        errors: [
          {
            code: "PRECONDITION_FAILED",
            path: ["mayDelete"],
            message: "must be true: a period becomes shorter, so that messages will be deleted",
          },
        ],
      });
    expect(await harness.calls()).toEqual({ GetRetentionSettings: 3 });
    expect(await daysInChime(accountId)).toEqual(before);
  });

  test("with permission to delete shortens a period without a read before, and reads back what is selected", async () => {
    const input = { accountId: largeAccountId, retentionSettings: periods(30, 7), mayDelete: true };
    const { data } = await put(input, `account { name ${retention} }`);

    expect(data.payload).toEqual({
      outcome: "DONE",
      account: {
        name: "Meridian Logistics",
        retentionSettings: { ...periods(30, 7), initiateDeletionTimestamp: expect.any(String) },
      },
      errors: [],
    });
    expect(await harness.calls()).toEqual({
      PutRetentionSettings: 1,
      GetAccount: 1,
      GetRetentionSettings: 1,
    });
  });

  test("that overlaps with another one compares with the periods which that one sets", async () => {
    await harness.fault({ operation: "GetRetentionSettings", kind: "latency", ms: 200 });
    const longer = put({ accountId: largeAccountId, retentionSettings: periods(1000, 90) });
    await expect.poll(() => harness.calls()).toEqual({ GetRetentionSettings: 1 });
    const shorter = put({ accountId: largeAccountId, retentionSettings: periods(500, 90) });

    expect((await longer).data.payload).toEqual({ outcome: "DONE", errors: [] });
    expect((await shorter).data.payload).toMatchObject({ errors: [{ code: "PRECONDITION_FAILED" }] });
    expect(await daysInChime(largeAccountId)).toEqual([1000, 90]);
  });

  test("reads the current periods by a call of its own", async () => {
    await harness.fault({ operation: "GetRetentionSettings", kind: "latency", ms: 200 });
    const read = harness.ask(`{ account(accountId: "${largeAccountId}") { ${retention} } }`);
    await expect.poll(async () => (await harness.calls())["GetRetentionSettings"]).toBe(1);
    await put({ accountId: largeAccountId, retentionSettings: periods(null, null) });
    await read;

    expect(await harness.calls()).toMatchObject({ GetRetentionSettings: 2 });
  });

  test.each([true, false])("of a missing account is NOT_FOUND (mayDelete: %s)", async (mayDelete) => {
    const { data } = await put({ accountId: "nothing", retentionSettings: periods(1, 1), mayDelete });

    expect(data.payload).toEqual({
      outcome: "NOT_DONE",
      errors: [{ code: "NOT_FOUND", path: ["accountId"], message: "is not the id of an account" }],
    });
  });

  test.each([true, false])("of a Team account is FORBIDDEN (mayDelete: %s)", async (mayDelete) => {
    const { data } = await put({ accountId: teamAccountId, retentionSettings: periods(1, 1), mayDelete });

    expect(data.payload).toEqual({
      outcome: "NOT_DONE",
      errors: [{ code: "FORBIDDEN", path: ["accountId"], message: "is not the id of an Enterprise account" }],
    });
    expect(await harness.calls()).toEqual(
      mayDelete ? { PutRetentionSettings: 1 } : { GetRetentionSettings: 1 },
    );
  });

  test("with periods out of range names each, and makes no call to Chime", async () => {
    const { data } = await put({ accountId: largeAccountId, retentionSettings: periods(0, 5476) });

    expect(data.payload.errors).toEqual([
      {
        code: "BAD_REQUEST",
        path: ["retentionSettings", "roomRetentionSettings", "retentionDays"],
        message: "must be at least 1",
      },
      {
        code: "BAD_REQUEST",
        path: ["retentionSettings", "conversationRetentionSettings", "retentionDays"],
        message: "must be at most 5475",
      },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test("is not done if the current periods cannot be read", async () => {
    await harness.fault({ operation: "GetRetentionSettings", kind: "500" });
    const { data, errors } = await put({ accountId: largeAccountId, retentionSettings: periods(366, 366) });

    expect(data).toEqual({ payload: null });
    expect(errors).toMatchObject([{ path: ["payload"], extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    expect(Object.keys(await harness.calls())).toEqual(["GetRetentionSettings"]);
  });
});
