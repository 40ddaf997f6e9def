import * as sdk from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { createCommand } from "../../src/chime-api/commands.js";
import { camelName, enumName } from "../../src/chime-api/names.js";
import { operations, type Shape } from "../../src/chime-api/operations.js";
import type { OperationName, OutputOf, RequestOf } from "../../src/chime-api/types.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { upstreamOperations, writes } from "../support/upstream.js";
import { ofAccount, ofBot, ofRoom, ofUser, type Write, writeExamples } from "./crossCheckWrites.js";
import { phoneNumberReads, type ReadExample } from "./phoneNumberExamples.js";

// Each operation by GraphQL, and by the SDK past the gateway: both must have the same result.

const harness = useHarness();
const { teamAccountId, largeAccountId, twoHundredAccountId, userId } = SEED;

function send<Name extends OperationName>(name: Name, request: RequestOf<Name>): Promise<OutputOf<Name>> {
  return harness.chime.send(createCommand(name, request)) as Promise<OutputOf<Name>>;
}

const enumValues = new Set(
  Object.entries(sdk)
    .filter(([name, value]) => /^[A-Z]\w+$/.test(name) && value?.constructor === Object)
    .flatMap(([, values]) => Object.values(values as Record<string, unknown>)),
);

/** Chime's value as GraphQL has it: names in camelCase, enums in capitals, times as text. */
function asGraphql(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asGraphql);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, member]) => name !== "$metadata" && member !== undefined)
        .map(([name, member]) => [camelName(name), asGraphql(member)]),
    );
  return typeof value === "string" && enumValues.has(value) ? enumName(value) : value;
}

/** Without null, which is Chime's absent member. */
const withoutNull = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_name, member) => member ?? undefined);

/** All members of a structure or list, as a selection. */
function selectionOf(shape: Shape | undefined): string {
  if (shape?.kind === "list") return selectionOf(shape.item);
  if (shape?.kind !== "structure") return "";
  return `{ ${Array.from(shape.members, ([name, { shape: member }]) => `${camelName(name)} ${selectionOf(member)}`).join(" ")} }`;
}

const member = (operation: OperationName, name: string) =>
  selectionOf(operations[operation].output.members.get(name)?.shape);

/** A row of ListUsers lacks what only GetUser returns. */
const rowOfUser = member("ListUsers", "Users").replace(/personalPin|invitedOn/g, "");

const account = (id: string, selection: string) => `account(accountId: "${id}") { ${selection} }`;

interface Read {
  /** What Chime returns. */
  chime(): Promise<unknown>;
  readonly query: string;
  /** The same in the response. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  data(data: any): unknown;
}

/** The read of an example. */
function readOf<Name extends OperationName>(
  name: Name,
  { request, member: found, field, isPaged = false }: ReadExample<Name>,
): Read {
  const output = operations[name].output;
  const selection = selectionOf(found === undefined ? output : output.members.get(found)?.shape);
  // The search returns numbers, not structures.
  const rows = selection || "{ e164PhoneNumber }";
  const select = (value: unknown) => (found === undefined ? value : Object(value)[found]);
  const asRow = (row: unknown) => (typeof row === "string" ? { E164PhoneNumber: row } : row);
  return {
    async chime() {
      const value = select(await send(name, request));
      return Array.isArray(value) ? value.map(asRow) : value;
    },
    query: `field: ${field} ${isPaged ? `{ nodes ${rows} }` : rows}`,
    data: (data) => (isPaged ? data.field.nodes : data.field),
  };
}

const reads: Partial<Record<OperationName, Read>> = {
  ...Object.fromEntries(
    Object.entries(phoneNumberReads).map(([name, example]) => [
      name,
      readOf(name as OperationName, example as ReadExample<OperationName>),
    ]),
  ),
  GetAccount: {
    chime: async () => (await send("GetAccount", ofAccount)).Account,
    query: `account(accountId: "${teamAccountId}") ${member("GetAccount", "Account")}`,
    data: (data) => data.account,
  },
  ListAccounts: {
    chime: async () => (await send("ListAccounts", { MaxResults: 3 })).Accounts,
    query: `accounts(first: 3) { nodes ${member("ListAccounts", "Accounts")} }`,
    data: (data) => data.accounts.nodes,
  },
  GetUser: {
    chime: async () => (await send("GetUser", ofUser)).User,
    query: `user(accountId: "${teamAccountId}", userId: "${userId}") ${member("GetUser", "User")}`,
    data: (data) => data.user,
  },
  ListUsers: {
    chime: async () => (await send("ListUsers", { ...ofAccount, MaxResults: 16 })).Users,
    query: account(teamAccountId, `users(first: 16) { nodes ${rowOfUser} }`),
    data: (data) => data.account.users.nodes,
  },
  GetAccountSettings: {
    chime: async () => (await send("GetAccountSettings", { AccountId: largeAccountId })).AccountSettings,
    query: account(largeAccountId, `settings ${member("GetAccountSettings", "AccountSettings")}`),
    data: (data) => data.account.settings,
  },
  GetRetentionSettings: {
    async chime() {
      const output = await send("GetRetentionSettings", { AccountId: largeAccountId });
      return { ...output.RetentionSettings, InitiateDeletionTimestamp: output.InitiateDeletionTimestamp };
    },
    query: account(
      largeAccountId,
      `retentionSettings { ... on RetentionSettings ${member("GetRetentionSettings", "RetentionSettings")} initiateDeletionTimestamp }`,
    ),
    data: (data) => data.account.retentionSettings,
  },
  GetUserSettings: {
    chime: async () => (await send("GetUserSettings", ofUser)).UserSettings,
    query: `user(accountId: "${teamAccountId}", userId: "${userId}") { settings ${member("GetUserSettings", "UserSettings")} }`,
    data: (data) => data.user.settings,
  },
  GetRoom: {
    chime: async () => (await send("GetRoom", ofRoom)).Room,
    query: `room(accountId: "${largeAccountId}", roomId: "${SEED.roomId}") ${member("GetRoom", "Room")}`,
    data: (data) => data.room,
  },
  ListRooms: {
    chime: async () => (await send("ListRooms", { AccountId: largeAccountId, MaxResults: 5 })).Rooms,
    query: account(largeAccountId, `rooms(first: 5) { nodes ${member("ListRooms", "Rooms")} }`),
    data: (data) => data.account.rooms.nodes,
  },
  ListRoomMemberships: {
    chime: async () => (await send("ListRoomMemberships", { ...ofRoom, MaxResults: 99 })).RoomMemberships,
    query: `room(accountId: "${largeAccountId}", roomId: "${SEED.roomId}") {
      memberships(first: 99) { nodes ${member("ListRoomMemberships", "RoomMemberships")} } }`,
    data: (data) => data.room.memberships.nodes,
  },
  GetBot: {
    chime: async () => (await send("GetBot", ofBot)).Bot,
    query: `bot(accountId: "${largeAccountId}", botId: "${SEED.botId}") ${member("GetBot", "Bot")}`,
    data: (data) => data.bot,
  },
  ListBots: {
    chime: async () => (await send("ListBots", { AccountId: largeAccountId })).Bots,
    query: account(largeAccountId, `bots { nodes ${member("ListBots", "Bots")} }`),
    data: (data) => data.account.bots.nodes,
  },
  GetEventsConfiguration: {
    chime: async () => (await send("GetEventsConfiguration", ofBot)).EventsConfiguration,
    query: `bot(accountId: "${largeAccountId}", botId: "${SEED.botId}") {
      eventsConfiguration ${member("GetEventsConfiguration", "EventsConfiguration")} }`,
    data: (data) => data.bot.eventsConfiguration,
  },
  GetGlobalSettings: {
    chime: () => send("GetGlobalSettings", {}),
    query: `globalSettings ${selectionOf(operations.GetGlobalSettings.output)}`,
    data: (data) => data.globalSettings,
  },
};

/** Times since the test began, and the one two days before a reset, are the same at any moment. */
const start = Date.now() - 3 * 24 * 60 * 60_000;
const settled = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_name, member) =>
    typeof member === "string" && /^\d{4}-\d\d-\d\dT/.test(member) && Date.parse(member) > start
      ? "now"
      : member,
  );

/** All that a write may change, as Chime itself returns it. */
async function readState(): Promise<unknown> {
  const nothing = (error: Error) => error.name;
  const { Accounts = [] } = await send("ListAccounts", { MaxResults: 200 });
  const accounts = await Promise.all(
    Accounts.map(async ({ AccountId }) => [
      await send("GetAccount", { AccountId }),
      await send("ListUsers", { AccountId, MaxResults: 200 }),
      await send("GetAccountSettings", { AccountId }),
      await send("GetRetentionSettings", { AccountId }).catch(nothing),
    ]),
  );
  const rest = [
    await send("GetUser", ofUser),
    await send("GetUserSettings", ofUser),
    await send("GetGlobalSettings", {}),
    await send("ListRooms", { AccountId: twoHundredAccountId }),
    await send("ListRooms", { AccountId: largeAccountId, MemberId: userId }),
    await send("GetRoom", ofRoom).catch(nothing),
    await send("ListRooms", { AccountId: largeAccountId, MemberId: SEED.botId }),
    [...(await harness.chime.members(largeAccountId, SEED.roomId).catch(nothing))],
    await send("ListBots", { AccountId: largeAccountId }),
    await send("GetEventsConfiguration", ofBot).catch(nothing),
    await harness.messages(),
    await send("GetPhoneNumberSettings", {}),
    await send("ListPhoneNumberOrders", {}),
    await send("ListPhoneNumbers", { ProductType: "BusinessCalling", Status: "Unassigned" }),
    await send("ListPhoneNumbers", { Status: "ReleaseInProgress" }),
    await send("GetPhoneNumber", { PhoneNumberId: SEED.freeNumber }),
  ];
  return withoutMetadata(settled([accounts, rest]));
}

const withoutMetadata = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (name, member) => (name === "$metadata" ? undefined : member));

test("every operation of the gateway is compared", () => {
  expect(Object.keys(writeExamples).toSorted()).toEqual(writes.toSorted());
  expect([...Object.keys(reads), ...writes].toSorted()).toEqual(upstreamOperations.toSorted());
});

describe("a query returns what Chime returns:", () => {
  test.each(Object.entries(reads))("%s", async (_operation, { chime, query, data }) => {
    const answer = await harness.ask(`{ ${query} }`);

    expect(answer.errors).toBeUndefined();
    expect(withoutNull(data(answer.data))).toEqual(withoutNull(asGraphql(await chime())));
  });
});

describe("a mutation changes what Chime's operation changes:", () => {
  test.each(writes)("%s", async (operation) => {
    const { request, input } = writeExamples[operation] as Write<typeof operation>;
    if (operation === "BatchUnsuspendUser")
      Object.assign(request, { UserIdList: await harness.userIds(twoHundredAccountId, 2) });
    const prepare = async () => {
      await harness.reset();
      if (operation === "BatchUnsuspendUser") await send("BatchSuspendUser", request as never);
    };
    await prepare();
    const before = await readState();
    await send(operation, request);
    const expected = await readState();
    await prepare();
    const field = operation === "ResetPersonalPIN" ? "resetPersonalPin" : camelName(operation);
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const { data, errors } = await harness.ask(
      `mutation ($input: ${type}!) { payload: ${field}(input: $input) { outcome } }`,
      { input: { ...(asGraphql(request) as object), ...input } },
    );

    expect(errors).toBeUndefined();
    expect(data.payload).toEqual({ outcome: "DONE" });
    expect(await readState()).toEqual(expected);
    if (!["LogoutUser", "CreateMeetingDialOut"].includes(operation)) expect(expected).not.toEqual(before);
  });
});
