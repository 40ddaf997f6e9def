import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { short } from "../../support/bulk.js";
import { useHarness } from "../../support/fixture.js";
import { write } from "../../support/writes.js";

const harness = useHarness();
const {
  largeAccountId,
  teamAccountId,
  twoHundredAccountId,
  roomId,
  userId,
  suspendedUserId,
  botId,
  stoppedBotId,
} = SEED;
const room = { accountId: largeAccountId, roomId };

/** Ids of the users who may be added to rooms. */
async function activeUsers(accountId: string): Promise<string[]> {
  const users = await harness.chime.users(accountId);
  await harness.forgetCalls();
  return users.flatMap(({ UserId = "", UserRegistrationStatus: status }) =>
    status === "Suspended" ? [] : [UserId],
  );
}

/** The ids of the room's members. */
async function memberIds(): Promise<Set<string>> {
  const roles = await harness.chime.members(largeAccountId, roomId);
  await harness.forgetCalls();
  return new Set(roles.keys());
}

describe("batchCreateRoomMembership", () => {
  const results = `results { index memberId outcome error { code message path } }
    memberErrors { index memberId errorCode errorMessage }`;
  const create = (items: readonly object[], selection = results, ids = room) =>
    write(harness, "batchCreateRoomMembership", { ...ids, membershipItemList: items }, selection);

  test("adds 500 users in ten calls, accounts for each, and reads them back in one walk", async () => {
    const present = await memberIds();
    const users = [...(await activeUsers(largeAccountId)), ...(await activeUsers(twoHundredAccountId))];
    const found = users.filter((user) => !present.has(user));
    const unknown = Array.from({ length: 500 - found.length }, (_, n) => `nobody-${n}`);
    const items = [...found, ...unknown].map((memberId) => ({ memberId }));
    const payload = await create(items, `${results} roomMemberships { role member { memberId } }`);

    expect([items.length, payload.outcome]).toEqual([500, "PARTIAL"]);
    expect(short(payload.results)).toEqual([
      ...found.map(() => ["DONE"]),
      ...unknown.map((_, n) => [
        "NOT_DONE",
        "NOT_FOUND",
        ["membershipItemList", String(found.length + n), "memberId"],
      ]),
    ]);
    expect(payload.memberErrors).toMatchObject(
      unknown.map((memberId, n) => ({ index: found.length + n, memberId, errorCode: "NOT_FOUND" })),
    );
    expect(payload.roomMemberships).toEqual(
      found.map((memberId) => ({ role: "MEMBER", member: { memberId } })),
    );
    expect(await harness.calls()).toEqual({ BatchCreateRoomMembership: 10, ListRoomMemberships: 7 });
  });

  test("fails for items alone, each with its reason, and sends a repeated item once", async () => {
    const other = SEED.sharedDeviceUserId;
    const items = [
      { memberId: userId },
      { memberId: "a/b" },
      { memberId: botId },
      { memberId: userId, role: "MEMBER" },
      { memberId: suspendedUserId },
      { memberId: other, role: "MEMBER" },
      { memberId: other, role: "ADMINISTRATOR" },
      { memberId: stoppedBotId, role: "ADMINISTRATOR" },
    ];
    const payload = await create(
      items,
      `results { outcome error { code message path } roomMembership { role } }`,
    );
    const at = (index: number, field: string) => ["membershipItemList", String(index), field];

    expect(payload.outcome).toBe("PARTIAL");
    expect(short(payload.results)).toEqual([
      ["DONE"],
      ["NOT_DONE", "BAD_REQUEST", at(1, "memberId")],
      ["NOT_DONE", "CONFLICT", at(2, "memberId")],
      ["DONE"],
      ["NOT_DONE", "FORBIDDEN", at(4, "memberId")],
      ["NOT_DONE", "BAD_REQUEST", at(5, "memberId")],
      ["NOT_DONE", "BAD_REQUEST", at(6, "memberId")],
      ["NOT_DONE", "BAD_REQUEST", at(7, "role")],
    ]);
    expect(payload.results[5].error.message).toBe("conflicts with the change in item 6");
    expect(payload.results.map(({ roomMembership }: { roomMembership: object }) => roomMembership)).toEqual([
      { role: "MEMBER" },
      null,
      null,
      { role: "MEMBER" },
      ...[null, null, null, null],
    ]);
    expect((await memberIds()).has(other)).toBe(false);
  });

  test("does what Chime confirms when one of several calls fails", async () => {
    const found = (await activeUsers(twoHundredAccountId)).map((memberId) => ({ memberId }));
    await harness.fault({ operation: "BatchCreateRoomMembership", kind: "reset-after", next: 1 });
    const payload = await create(found);
    const outcomes = payload.results.map(({ outcome }: { outcome: string }) => outcome);

    expect(payload.outcome).toBe("PARTIAL");
    expect(outcomes.filter((each: string) => each === "UNKNOWN")).toHaveLength(50);
    expect(outcomes.filter((each: string) => each === "DONE")).toHaveLength(found.length - 50);
  });

  test("reports members that cannot be read back, each at its path", async () => {
    await harness.fault({ operation: "ListRoomMemberships", kind: "500" });
    const { data, errors } = await harness.ask(
      `mutation { payload: batchCreateRoomMembership(input: { accountId: "${largeAccountId}", roomId: "${roomId}",
        membershipItemList: [{ memberId: "${userId}" }, { memberId: "nobody" }] }) {
        outcome results { outcome roomMembership { role } } } }`,
    );

    expect(data.payload.results).toEqual([
      { outcome: "DONE", roomMembership: null },
      { outcome: "NOT_DONE", roomMembership: null },
    ]);
    expect(errors?.map(({ path }) => path)).toEqual([["payload", "results", 0, "roomMembership"]]);
  });

  test.each([
    ["a Team account", { ...room, accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
    ["an unknown room", { ...room, roomId: "nothing" }, "NOT_FOUND", null],
  ])("is refused as a whole for %s", async (_what, ids, code, path) => {
    const payload = await create([{ memberId: userId }, { memberId: botId }], results, ids);

    expect(short(payload.results)).toEqual([
      ["NOT_DONE", code, path],
      ["NOT_DONE", code, path],
    ]);
  });

  test("sends nothing for no items", async () => {
    expect(await create([])).toMatchObject({ results: [], errors: [{ path: ["membershipItemList"] }] });
    expect(await harness.calls()).toEqual({});
  });
});
