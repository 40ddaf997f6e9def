import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, roomId, userId, teamAccountId } = SEED;
const account = (selection: string) => `{ account(accountId: "${largeAccountId}") { ${selection} } }`;

/** Sends a query that must not fail. @returns its data and the calls that it took */
async function read(query: string) {
  await harness.forgetCalls();
  const { data, errors } = await harness.ask(query);
  expect(errors).toBeUndefined();
  return { data, calls: await harness.calls() };
}

describe("an object that a list of the same request has returned is not read again:", () => {
  test("the phone number of a user, reached from a list of phone numbers", async () => {
    const { data, calls } = await read(
      `{ phoneNumbers(first: 2) { nodes { e164PhoneNumber user { phoneNumber { e164PhoneNumber status } } } } }`,
    );

    for (const { e164PhoneNumber, user } of data.phoneNumbers.nodes)
      expect(user.phoneNumber).toEqual({ e164PhoneNumber, status: "ASSIGNED" });
    expect(calls).toEqual({ ListPhoneNumbers: 1, GetUser: 2 });
  });

  test("the phone number of a user, reached from the account's phone numbers", async () => {
    const { calls } = await read(
      account("phoneNumbers(first: 2) { nodes { user { phoneNumber { status } } } }"),
    );

    expect(calls).toEqual({ GetAccount: 1, ListPhoneNumbers: 1, GetUser: 2 });
  });

  test("a bot that is a member of a room, beside the account's bots", async () => {
    const { data, calls } = await read(
      account(`bots { nodes { botId } }
        room(roomId: "${roomId}") { memberships(first: 200) { nodes { member { bot { displayName } } } } }`),
    );
    const nodes: { member: { bot: unknown } }[] = data.account.room.memberships.nodes;

    expect(nodes.flatMap(({ member }) => member.bot ?? [])).toEqual([{ displayName: "Tracker (Bot)" }]);
    expect(calls).toEqual({ GetAccount: 1, GetRoom: 1, ListBots: 1, ListRoomMemberships: 2 });
  });

  test("the room of a membership, reached from a list of rooms", async () => {
    const { data, calls } = await read(
      account("rooms(first: 2) { nodes { name memberships(first: 1) { nodes { room { name } } } } }"),
    );

    for (const { name, memberships } of data.account.rooms.nodes)
      for (const { room } of memberships.nodes) expect(room).toEqual({ name });
    expect(data.account.rooms.nodes[0].memberships.nodes).toHaveLength(1);
    expect(calls).toEqual({ GetAccount: 1, ListRooms: 1, ListRoomMemberships: 2 });
  });

  test("a room of a bot, reached from the bot's rooms", async () => {
    const { calls } = await read(
      account(
        "bots(first: 1) { nodes { rooms { nodes { memberships(first: 1) { nodes { room { name } } } } } } }",
      ),
    );

    expect(calls).toEqual({ GetAccount: 1, ListBots: 1, ListRooms: 1, ListRoomMemberships: 1 });
  });

  test("the user of a phone number, reached from a filtered list of users", async () => {
    const { data, calls } = await read(`{ account(accountId: "${teamAccountId}") {
      users(first: 5, filter: { userTypes: [PRIVATE_USER] }) { nodes { userId phoneNumber { user { userId } } } } } }`);
    const numbers = data.account.users.nodes.filter(
      ({ phoneNumber }: { phoneNumber: unknown }) => phoneNumber,
    );

    expect(numbers).toContainEqual({ userId, phoneNumber: { user: { userId } } });
    expect(calls).not.toHaveProperty("GetUser");
  });
});

test("an object that a write has changed is the new one, although a list has returned it before", async () => {
  const renamed = (
    name: string,
  ) => `updateRoom(input: { accountId: "${largeAccountId}", roomId: "${roomId}", name: "${name}" }) {
    room { name memberships(first: 1) { nodes { room { name } } } account { rooms(first: 1) { nodes { name } } } } }`;
  const { data } = await read(`mutation { a: ${renamed("One")} b: ${renamed("Two")} }`);

  for (const [alias, name] of [
    ["a", "One"],
    ["b", "Two"],
  ] as const)
    expect(data[alias].room).toEqual({
      name,
      memberships: { nodes: [{ room: { name } }] },
      account: { rooms: { nodes: [{ name }] } },
    });
});
