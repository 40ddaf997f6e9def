import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, roomId } = SEED;
const [large, team] = [`accountId: "${largeAccountId}"`, `accountId: "${teamAccountId}"`];

/** The rows of docs/queries-and-calls.md about rooms, bots and phone numbers. Orders: see resolvers/phoneNumberOrder.test.ts. */
test.each([
  [
    `room(${large}, roomId: "${roomId}") { name memberships(first: 150) { nodes { role } } }`,
    { GetRoom: 1, ListRoomMemberships: 2 },
  ],
  [`account(${large}) { rooms(first: 100) { nodes { name } } }`, { GetAccount: 1, ListRooms: 2 }],
  [`account(${team}) { rooms(first: 100) { nodes { name } } }`, { GetAccount: 1 }],
  [
    `account(${large}) { rooms(first: 100) { nodes { memberships(first: 9) { nodes { role } } } } }`,
    { GetAccount: 1, ListRooms: 2, ListRoomMemberships: 100 },
  ],
  [
    `account(${large}) { bots { nodes { eventsConfiguration { botId } } } }`,
    { GetAccount: 1, ListBots: 1, GetEventsConfiguration: 2 },
  ],
  ["phoneNumbers(first: 100) { nodes { status } }", { ListPhoneNumbers: 2 }],
  [
    `account(${large}) { phoneNumbers(first: 50) { nodes { user { displayName } } } }`,
    { GetAccount: 1, ListPhoneNumbers: 1, ListUsers: 1 },
  ],
  [
    `availablePhoneNumbers(areaCode: "206", first: 500) { nodes { e164PhoneNumber } }`,
    { SearchAvailablePhoneNumbers: 1 },
  ],
])("the query { %s } takes the calls that its documentation lists", async (query, calls) => {
  const { errors } = await harness.ask(`{ ${query} }`);

  expect(errors).toBeUndefined();
  expect(await harness.calls()).toEqual(calls);
});
