import { ListRoomsCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { roomGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { ask, startOnStub, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, twoHundredAccountId, roomId, userId, botId } = SEED;
const ids = { accountId: largeAccountId, roomId };
const dispatch = `accountId: "${largeAccountId}", roomId: "${roomId}"`;

/** Ids of the account's rooms, read from Chime itself. */
async function roomIds(accountId: string, count: number): Promise<string[]> {
  const request = new ListRoomsCommand({ AccountId: accountId, MaxResults: 99 });
  const { Rooms = [] } = await harness.chime.send(request);
  await harness.forgetCalls();
  return Rooms.slice(0, count).map(({ RoomId }) => String(RoomId));
}

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Room { roomId name } } }`;

const names = (connection: { nodes: readonly { name: string }[] }) =>
  connection.nodes.map(({ name }) => name);

describe("a room", () => {
  test("has its account, and is the one that was asked for", async () => {
    const { data } = await harness.ask(
      `{ room(${dispatch}) { id roomId accountId name createdBy createdTimestamp updatedTimestamp account { name } } }`,
    );

    expect(data.room).toEqual({
      id: roomGlobalId(ids),
      ...ids,
      name: "Dispatch",
      createdBy: "arn:aws:iam::111122223333:user/local",
      createdTimestamp: "2020-03-03T09:00:00.000Z",
      updatedTimestamp: "2020-03-03T09:00:00.000Z",
      account: { name: "Meridian Logistics" },
    });
    expect(await harness.calls()).toEqual({ GetRoom: 1, GetAccount: 1 });
  });

  test("of 150 members, with its users and its bot, takes at most seven calls", async () => {
    const { data, errors } = await harness.ask(
      `{ room(${dispatch}) { name memberships(first: 150) { nodes { role member { memberId memberType
        user { userId displayName } bot { botId displayName } } } } } }`,
    );
    const { nodes } = data.room.memberships;

    expect(errors).toBeUndefined();
    expect(nodes).toHaveLength(150);
    expect(nodes.filter(({ role }: { role: string }) => role === "ADMINISTRATOR")).toHaveLength(2);
    for (const { member } of nodes)
      expect(member.user?.userId ?? member.bot?.botId, member.memberType).toBe(member.memberId);
    expect(await harness.countCalls()).toBeLessThanOrEqual(7);
    expect(await harness.calls()).toMatchObject({ GetRoom: 1, ListRoomMemberships: 2, GetBot: 1 });
  });

  test("and its memberships are read together: one round trip", async () => {
    await harness.fault({ kind: "latency", ms: 100 });
    await harness.ask(`{ room(${dispatch}) { memberships(first: 3) { nodes { role } } } }`);
    const [first, second, ...more] = await harness.arrivals();

    expect(await harness.calls()).toEqual({ GetRoom: 1, ListRoomMemberships: 1 });
    expect(more).toEqual([]);
    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test.each([
    ["of another account", twoHundredAccountId, roomId],
    ["of a Team account", teamAccountId, roomId],
    ["with an unknown id", largeAccountId, "nothing"],
    ["of an unknown account", "nothing", roomId],
  ])("%s is null, without an error", async (_what, accountId, id) => {
    const answer = await harness.ask(`{ room(accountId: "${accountId}", roomId: "${id}") { name } }`);

    expect(answer).toEqual({ data: { room: null } });
  });

  test("with a malformed id is an error that names the field, without a call", async () => {
    const { errors } = await harness.ask(`{ room(accountId: "..", roomId: "a/b") { name } }`);

    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["accountId"] }, { path: ["roomId"] }] } },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test.each([1, 2, 3, 30, 99])("k of one account take at most k + 1 calls: %i", async (count) => {
    const found = await roomIds(largeAccountId, count);
    const representations = found.map((id) => ({
      __typename: "Room",
      accountId: largeAccountId,
      roomId: id,
    }));
    const { data, errors } = await harness.ask(entities, { representations });

    expect(errors).toBeUndefined();
    expect(data._entities.map((room: { roomId: string }) => room.roomId)).toEqual(found);
    // From three rooms on, one page has them all.
    expect(await harness.countCalls()).toBe(count < 3 ? count : 1);
  });

  test("is an entity with two keys, and not a node", async () => {
    const representations = [
      { __typename: "Room", ...ids },
      { __typename: "Room", id: roomGlobalId(ids) },
      { __typename: "Room", accountId: largeAccountId, roomId: "nothing" },
      { __typename: "Room", id: roomGlobalId(ids).slice(0, 20) },
    ];
    const { data, errors } = await harness.ask(entities, { representations });
    const found = { __typename: "Room", roomId, name: "Dispatch" };

    expect(data._entities).toEqual([found, found, null, null]);
    expect(errors).toMatchObject([{ path: ["_entities", 3], message: "id is not the global id of a room" }]);
    const { errors: refused } = await harness.ask(`{ node(id: "${roomGlobalId(ids)}") { id } }`);
    expect(refused).toMatchObject([{ message: "id is not the global id of an account or user" }]);
  });
});

describe("the rooms", () => {
  test("of an account are paged, 99 a call", async () => {
    const rooms = (args: string) =>
      harness.ask(`{ account(accountId: "${largeAccountId}") { rooms(${args}) {
        edges { cursor } nodes { name } pageInfo { hasNextPage endCursor } } } }`);
    const { data: all } = await rooms("first: 1000");
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListRooms: 2 });
    const { data: start } = await rooms("first: 70");
    const { data: rest } = await rooms(`first: 100, after: "${start.account.rooms.pageInfo.endCursor}"`);

    expect(names(all.account.rooms)).toHaveLength(120);
    expect([...names(start.account.rooms), ...names(rest.account.rooms)]).toEqual(names(all.account.rooms));
    expect(rest.account.rooms.pageInfo.hasNextPage).toBe(false);
  });

  test("of a user, of a bot and of a member are the same list", async () => {
    const [member] = await harness.userIds(largeAccountId, 1);
    const { data } = await harness.ask(`{
      user(accountId: "${largeAccountId}", userId: "${member}") { rooms { nodes { name } } }
      bot(accountId: "${largeAccountId}", botId: "${botId}") { rooms { nodes { name } } }
      account(accountId: "${largeAccountId}") { rooms(memberId: "${member}") { nodes { name } } }
    }`);

    for (const { rooms } of Object.values(data) as { rooms: never }[])
      expect(names(rooms)).toEqual(["Dispatch"]);
    expect(await harness.calls()).toEqual({ GetUser: 1, GetBot: 1, GetAccount: 1, ListRooms: 2 });
  });

  test("of a user are read together with the user: one round trip", async () => {
    await harness.fault({ kind: "latency", ms: 100 });
    const [member] = await harness.userIds(largeAccountId, 1);
    await harness.ask(
      `{ user(accountId: "${largeAccountId}", userId: "${member}") { displayName rooms { nodes { name } } } }`,
    );
    const [first, second, ...more] = await harness.arrivals();

    expect(more).toEqual([]);
    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test("of a Team account are null without a call, and so is one of them", async () => {
    const { data, errors } = await harness.ask(
      `{ accounts(first: 2) { nodes { accountType rooms { nodes { name } } room(roomId: "${roomId}") { name } } } }`,
    );

    expect(errors).toBeUndefined();
    expect(data.accounts.nodes).toMatchObject([
      { accountType: "TEAM", rooms: null, room: null },
      { accountType: "ENTERPRISE_DIRECTORY", room: { name: "Dispatch" } },
    ]);
    expect(await harness.calls()).toEqual({ ListAccounts: 1, ListRooms: 1 });
  });

  test("are null, with an error, if they cannot be read; the account keeps its other fields", async () => {
    await harness.fault({ operation: "ListRooms", kind: "500" });
    const { data, errors } = await harness.ask(
      `{ account(accountId: "${largeAccountId}") { name rooms { nodes { name } } } }`,
    );

    expect(data.account).toEqual({ name: "Meridian Logistics", rooms: null });
    expect(errors).toMatchObject([
      { path: ["account", "rooms"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test.each([
    ["first: 0", "first"],
    [`memberId: "a/b"`, "memberId"],
    [`after: "x"`, "after"],
  ])("with %s are an error that names the argument", async (args, path) => {
    const { errors } = await harness.ask(
      `{ account(accountId: "${largeAccountId}") { rooms(${args}) { nodes { name } } } }`,
    );

    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: [path] }] } }]);
  });
});

describe("the rooms of a user of a Team account", () => {
  const team = `accountId: "${teamAccountId}"`;

  test("are null without a call, if the query reads the account", async () => {
    const { data, errors } = await harness.ask(
      `{ account(${team}) { users(first: 2) { nodes { rooms { nodes { name } } } }
        user(userId: "${userId}") { rooms { nodes { name } } } } }`,
    );

    expect(errors).toBeUndefined();
    expect(data.account).toEqual({
      users: { nodes: [{ rooms: null }, { rooms: null }] },
      user: { rooms: null },
    });
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1, GetUser: 1 });
  });

  test("are null without an error, if Chime refuses the call", async () => {
    const { data, errors } = await harness.ask(
      `{ user(${team}, userId: "${userId}") { displayName rooms { nodes { name } } } }`,
    );

    expect(errors).toBeUndefined();
    expect(data.user).toEqual({ displayName: expect.any(String), rooms: null });
    expect(await harness.calls()).toEqual({ GetUser: 1, ListRooms: 1, GetAccount: 1 });
  });
});

test("the rooms of a user of an Enterprise account are an error, if Chime refuses the call", async () => {
  const url = await startOnStub(({ url: path = "" }, response) => {
    if (path.includes("/rooms")) response.writeHead(403, { "x-amzn-errortype": "ForbiddenException" });
    const found = path.includes("/users/")
      ? { User: { UserId: "u", AccountId: "a" } }
      : { Account: { AccountId: "a", AwsAccountId: "1", Name: "A", AccountType: "EnterpriseLWA" } };
    response.end(JSON.stringify(path.includes("/rooms") ? { Code: "Forbidden" } : found));
  });
  const { data, errors } = await ask(url, {
    query: `{ user(accountId: "a", userId: "u") { userId rooms { nodes { name } } } }`,
  });

  expect(data.user).toEqual({ userId: "u", rooms: null });
  expect(errors).toMatchObject([{ path: ["user", "rooms"], extensions: { code: "UPSTREAM_DENIED" } }]);
});

test("a user of another account is not a member of the account's rooms", async () => {
  const { data } = await harness.ask(
    `{ account(accountId: "${largeAccountId}") { rooms(memberId: "${userId}") { nodes { name } } } }`,
  );

  expect(data.account.rooms.nodes).toEqual([]);
});
