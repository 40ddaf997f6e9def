import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { membershipGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { startOnResponses, useHarness } from "../../support/fixture.js";
import { ask } from "../../support/graphqlClient.js";
import { write } from "../../support/writes.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, roomId, userId, suspendedUserId, botId, stoppedBotId } = SEED;
const room = { accountId: largeAccountId, roomId };

const rolesOf = () => harness.chime.members(largeAccountId, roomId);

const membership = "roomMembership { id roomId role member { memberId memberType accountId } room { name } }";
const membershipOf = (memberId: string, role: string, accountId = teamAccountId) => ({
  id: membershipGlobalId({ ...room, memberId }),
  roomId,
  role,
  member: { memberId, memberType: "USER", accountId },
  room: { name: "Dispatch" },
});

describe("a room's memberships", () => {
  const query = (args: string, selection: string) =>
    harness.ask(`{ room(accountId: "${largeAccountId}", roomId: "${roomId}") {
      memberships(${args}) { edges { cursor } nodes { ${selection} } pageInfo { hasNextPage endCursor } } } }`);

  test("are paged, and show names and addresses without further calls", async () => {
    const { data: start } = await query(
      "first: 100",
      "role invitedBy updatedTimestamp member { email fullName }",
    );
    expect(await harness.calls()).toEqual({ GetRoom: 1, ListRoomMemberships: 2 });
    const { pageInfo, nodes } = start.room.memberships;
    const { data: rest } = await query(`first: 100, after: "${pageInfo.endCursor}"`, "member { memberType }");

    expect([nodes.length, pageInfo.hasNextPage]).toEqual([100, true]);
    expect(nodes[0]).toEqual({
      role: "ADMINISTRATOR",
      invitedBy: "arn:aws:iam::111122223333:user/local",
      updatedTimestamp: expect.any(String),
      member: { email: expect.stringContaining("@"), fullName: expect.any(String) },
    });
    expect(rest.room.memberships.nodes).toHaveLength(50);
    expect(rest.room.memberships.nodes.at(-1)).toEqual({ member: { memberType: "BOT" } });
  });

  test("have a user of another account by that account", async () => {
    await write(harness, "createRoomMembership", { ...room, memberId: userId });
    await harness.forgetCalls();
    const { data } = await query("first: 151", "member { memberId user { accountId userId } bot { botId } }");
    const last = data.room.memberships.nodes.at(-1).member;

    expect(last).toEqual({ memberId: userId, user: { accountId: teamAccountId, userId }, bot: null });
    expect(await harness.calls()).toMatchObject({ GetUser: 1, GetBot: 1 });
  });

  test("are an error if Chime leaves out a member, whose id identifies the membership", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname.endsWith("/memberships")
        ? { RoomMemberships: [{ Member: { MemberId: "hook" } }, { Role: "Member" }] }
        : { Room: { RoomId: "r", Name: "Dispatch" } },
    );
    const { data, errors } = await ask(url, {
      query: `{ room(accountId: "a", roomId: "r") { name memberships { nodes { role } } } }`,
    });

    expect(data.room).toEqual({ name: "Dispatch", memberships: null });
    expect(errors).toMatchObject([
      { path: ["room", "memberships"], extensions: { code: "INTERNAL_SERVER_ERROR" } },
    ]);
  });

  test("have no user and no bot for a webhook, or for a user whom the gateway cannot read", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname.endsWith("/memberships")
        ? {
            RoomMemberships: [
              { Member: { MemberId: "hook", MemberType: "Webhook" } },
              { Member: { MemberId: "guest", MemberType: "User" } },
            ],
          }
        : { Room: { RoomId: "r" } },
    );
    const { data, errors } = await ask(url, {
      query: `{ room(accountId: "a", roomId: "r") { memberships { nodes { member {
        memberId memberType accountId user { userId } bot { botId } } } } } }`,
    });

    expect(errors).toBeUndefined();
    expect(data.room.memberships.nodes.map(({ member }: { member: object }) => member)).toEqual([
      { memberId: "hook", memberType: "WEBHOOK", accountId: null, user: null, bot: null },
      { memberId: "guest", memberType: "USER", accountId: null, user: null, bot: null },
    ]);
  });
});

describe("createRoomMembership", () => {
  const create = (input: object) => write(harness, "createRoomMembership", { ...room, ...input }, membership);

  test("adds a user of any account, and returns the membership", async () => {
    expect(await create({ memberId: userId, role: "ADMINISTRATOR" })).toEqual({
      outcome: "DONE",
      roomMembership: membershipOf(userId, "ADMINISTRATOR"),
      errors: [],
    });
    expect(await harness.calls()).toEqual({ CreateRoomMembership: 1, GetRoom: 1 });
    expect((await rolesOf()).get(userId)).toBe("Administrator");
  });

  test.each([
    ["a member", { memberId: botId }, "CONFLICT", ["memberId"]],
    ["an unknown member", { memberId: "nobody" }, "NOT_FOUND", null],
    ["an unknown room", { memberId: userId, roomId: "nothing" }, "NOT_FOUND", null],
    ["a malformed id", { memberId: "a/b" }, "BAD_REQUEST", ["memberId"]],
    // Chime's error may also mean that the account is a Team account.
    ["a suspended user", { memberId: suspendedUserId }, "FORBIDDEN", null],
    ["a disabled bot", { memberId: stoppedBotId }, "FORBIDDEN", null],
    ["a Team account", { memberId: userId, accountId: teamAccountId }, "FORBIDDEN", null],
    ["a bot as administrator", { memberId: stoppedBotId, role: "ADMINISTRATOR" }, "BAD_REQUEST", ["role"]],
  ])("reports %s", async (_what, input, code, path) => {
    expect(await create(input)).toMatchObject({
      outcome: "NOT_DONE",
      roomMembership: null,
      errors: [{ code, path }],
    });
  });

  test("is done although Chime's response lacks the membership, which is then an error", async () => {
    const url = await startOnResponses(() => ({}));
    const { data, errors } = await ask(url, {
      query: `mutation { payload: createRoomMembership(input: { accountId: "a", roomId: "r", memberId: "m" }) {
        outcome roomMembership { role } errors { code } } }`,
    });

    expect(data.payload).toEqual({ outcome: "DONE", roomMembership: null, errors: [] });
    expect(errors).toMatchObject([{ path: ["payload", "roomMembership"] }]);
  });
});

describe("updateRoomMembership", () => {
  const update = (input: object) => write(harness, "updateRoomMembership", { ...room, ...input }, membership);

  test("promotes a member, and returns the membership", async () => {
    const memberId = [...(await rolesOf()).keys()][5] ?? "";
    const { outcome, roomMembership } = await update({ memberId, role: "ADMINISTRATOR" });

    expect([outcome, roomMembership]).toEqual([
      "DONE",
      membershipOf(memberId, "ADMINISTRATOR", largeAccountId),
    ]);
    expect((await rolesOf()).get(memberId)).toBe("Administrator");
  });

  test.each([
    ["a bot", { memberId: botId }, "BAD_REQUEST", ["memberId"]],
    ["a user who is not a member", { memberId: userId }, "NOT_FOUND", null],
    ["a malformed id", { memberId: ".." }, "BAD_REQUEST", ["memberId"]],
    ["a Team account", { memberId: userId, accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
  ])("reports %s", async (_what, input, code, path) => {
    expect(await update({ role: "ADMINISTRATOR", ...input })).toMatchObject({
      outcome: "NOT_DONE",
      roomMembership: null,
      errors: [{ code, path }],
    });
  });
});

describe("deleteRoomMembership", () => {
  const remove = (input: object, selection = "deletedId room { name }") =>
    write(harness, "deleteRoomMembership", { ...room, ...input }, selection);

  test("removes a bot, returns the global id, and reads the room only if it is selected", async () => {
    expect(await remove({ memberId: botId })).toEqual({
      outcome: "DONE",
      deletedId: membershipGlobalId({ ...room, memberId: botId }),
      room: { name: "Dispatch" },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ DeleteRoomMembership: 1, GetRoom: 1 });
    expect((await rolesOf()).has(botId)).toBe(false);
    await harness.forgetCalls();
    expect(await remove({ memberId: botId }, "deletedId")).toMatchObject({
      outcome: "NOT_DONE",
      deletedId: null,
      errors: [{ code: "NOT_FOUND" }],
    });
    expect(await harness.calls()).toEqual({ DeleteRoomMembership: 1 });
  });

  test.each([
    ["a malformed id", { roomId: "../x" }, "BAD_REQUEST", ["roomId"]],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
  ])("reports %s at its field", async (_what, input, code, path) => {
    expect(await remove({ memberId: botId, ...input })).toMatchObject({
      outcome: "NOT_DONE",
      deletedId: null,
      room: null,
      errors: [{ code, path }],
    });
  });
});
