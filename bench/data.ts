import {
  AssociatePhoneNumberWithUserCommand,
  BatchCreateRoomMembershipCommand,
  BatchUpdatePhoneNumberCommand,
  CreatePhoneNumberOrderCommand,
  CreateRoomCommand,
  PhoneNumberProductType,
  RegistrationStatus,
  RoomMembershipRole,
  SearchAvailablePhoneNumbersCommand,
} from "@aws-sdk/client-chime";
import type { ChimeTestClient } from "../test/support/chimeClient.js";
import { advanceClock } from "../test/support/freeNumbers.js";

/** Members of a room. */
const memberCount = 150;
/** Users of a call center, each with a phone number. */
const agentCount = 50;
/** Chime adds this many members, and orders and changes this many phone numbers, in a call. */
const perCall = 50;

export type BenchData = Awaited<ReturnType<typeof createData>>;

/**
 * Creates what the queries read and write at Chime.
 *
 * @param count objects of each kind, one for each connection
 */
export async function createData(chime: ChimeTestClient, count: number) {
  const each = <Made>(make: (n: number) => Promise<Made>) =>
    Promise.all(Array.from({ length: count }, (_, n) => make(n)));
  const teams = await each((n) => createTeam(chime, `Team ${n}`, 200));
  const crowds = await each(() => chime.createPeople(1_200));
  const namePrefixes = await each(async (n) => {
    const namePrefix = `Office ${n}`;
    for (let office = 0; office < 10; office++) await createTeam(chime, `${namePrefix}/${office}`, 50);
    return namePrefix;
  });
  const writes = await each(() => chime.createPeople(200));
  const largeAccountId = await seededAccount(chime, "Meridian Logistics");
  const largeIds = (await chime.users(largeAccountId)).map(({ UserId = "" }) => UserId);
  // CreateAccount makes Team accounts, which have no rooms.
  const universityId = await seededAccount(chime, "Alder University");
  const rooms = await each((n) => createRoom(chime, universityId, `Seminar ${n}`));
  const numbers = await orderNumbers(chime, count * agentCount);
  const callCenters = await each((n) =>
    createCallCenter(chime, `Call center ${n}`, numbers.slice(n * agentCount, (n + 1) * agentCount)),
  );
  return { teams, crowds, namePrefixes, writes, largeAccountId, largeIds, rooms, callCenters };
}

/** See src/chime-local/seed/. */
export async function seededAccount(chime: ChimeTestClient, name: string): Promise<string> {
  const [account] = await chime.accountsNamed(name);
  if (!account) throw new Error(`The seed has no account ${name}.`);
  return account.AccountId ?? "";
}

/** Creates an account with a delegate group and this many registered users. */
async function createTeam(chime: ChimeTestClient, name: string, count: number) {
  const accountId = await chime.createAccount(name);
  await chime.addGroup(accountId, "front-desk");
  const emails = Array.from({ length: count }, (_, n) => `person-${n}@${accountId}.example.com`);
  for (const email of emails) await chime.createUser(accountId, `The user of ${email}`, email);
  const userIds = (await chime.users(accountId)).map(({ UserId = "" }) => UserId);
  return { accountId, userIds, emails };
}

/** Creates a room whose first member is its administrator. */
async function createRoom(chime: ChimeTestClient, accountId: string, name: string) {
  const { Room } = await chime.send(new CreateRoomCommand({ AccountId: accountId, Name: name }));
  const roomId = Room?.RoomId ?? "";
  const { Administrator, Member } = RoomMembershipRole;
  const items = (await chime.users(accountId))
    // Suspended users cannot be added.
    .filter(({ UserRegistrationStatus: status }) => status !== RegistrationStatus.Suspended)
    .slice(0, memberCount)
    .map(({ UserId }, n) => ({ MemberId: UserId, Role: n === 0 ? Administrator : Member }));
  for (const MembershipItemList of chunksOf(items)) {
    const { Errors = [] } = await chime.send(
      new BatchCreateRoomMembershipCommand({ AccountId: accountId, RoomId: roomId, MembershipItemList }),
    );
    if (Errors[0]) throw new Error(`A member was not added: ${Errors[0].ErrorMessage}`);
  }
  return { accountId, roomId };
}

/** Orders phone numbers for users, and gives them calling names. */
async function orderNumbers(chime: ChimeTestClient, count: number): Promise<string[]> {
  const search = new SearchAvailablePhoneNumbersCommand({ State: "NY", MaxResults: count });
  const { E164PhoneNumbers: numbers = [] } = await chime.send(search);
  if (numbers.length < count) throw new Error(`Chime offers ${numbers.length} phone numbers of ${count}.`);
  const ProductType = PhoneNumberProductType.BusinessCalling;
  for (const E164PhoneNumbers of chunksOf(numbers))
    await chime.send(new CreatePhoneNumberOrderCommand({ ProductType, E164PhoneNumbers }));
  await advanceClock(chime.url, 2_000);
  for (const chunk of chunksOf(numbers)) {
    const items = chunk.map((number) => ({ PhoneNumberId: number, CallingName: `Desk ${number.slice(-4)}` }));
    await chime.send(new BatchUpdatePhoneNumberCommand({ UpdatePhoneNumberRequestItems: items }));
  }
  return numbers;
}

/** Creates a team with a user for each of these phone numbers. */
async function createCallCenter(chime: ChimeTestClient, name: string, numbers: readonly string[]) {
  const team = await createTeam(chime, name, numbers.length);
  await chime.setDialOut(team.accountId, true);
  for (const [n, number] of numbers.entries())
    await chime.send(
      new AssociatePhoneNumberWithUserCommand({
        AccountId: team.accountId,
        UserId: team.userIds[n],
        E164PhoneNumber: number,
      }),
    );
  return team;
}

const chunksOf = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / perCall) }, (_, n) =>
    items.slice(n * perCall, (n + 1) * perCall),
  );
