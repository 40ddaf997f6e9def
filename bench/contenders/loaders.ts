import {
  type Account,
  type AccountSettings,
  GetAccountCommand,
  GetAccountSettingsCommand,
  GetRoomCommand,
  GetUserCommand,
  ListAccountsCommand,
  ListPhoneNumbersCommand,
  ListRoomMembershipsCommand,
  ListUsersCommand,
  NotFoundException,
  type PhoneNumber,
  PhoneNumberAssociationName,
  type Room,
  type RoomMembership,
  type User,
} from "@aws-sdk/client-chime";
import DataLoader from "dataloader";
import { chime } from "./chime.js";

/** The reads of one request, as most teams would write them: each object once, by the obvious call. */
export type Loaders = ReturnType<typeof createLoaders>;

export function createLoaders() {
  return {
    account: oneByOne(async (accountId: string): Promise<Account | null> => {
      const { Account } = await chime.send(new GetAccountCommand({ AccountId: accountId }));
      return Account ?? null;
    }),

    user: oneByOne(
      async ({ accountId, userId }: UserKey): Promise<User | null> => {
        const { User } = await chime.send(new GetUserCommand({ AccountId: accountId, UserId: userId }));
        return User ?? null;
      },
      ({ accountId, userId }) => `${accountId}/${userId}`,
    ),

    userByEmail: oneByOne(findUser),

    room: oneByOne(
      async ({ accountId, roomId }: RoomKey): Promise<Room | null> => {
        const { Room } = await chime.send(new GetRoomCommand({ AccountId: accountId, RoomId: roomId }));
        return Room ?? null;
      },
      ({ accountId, roomId }) => `${accountId}/${roomId}`,
    ),
  };
}

interface UserKey {
  readonly accountId: string;
  readonly userId: string;
}

export interface RoomKey {
  readonly accountId: string;
  readonly roomId: string;
}

function oneByOne<Key, Value>(get: (key: Key) => Promise<Value | null>, keyOf?: (key: Key) => string) {
  const getOrNull = (key: Key) =>
    get(key).catch((error: Error) => (error instanceof NotFoundException ? null : error));
  return new DataLoader<Key, Value | null, unknown>((keys) => Promise.all(keys.map(getOrNull)), {
    ...(keyOf && { cacheKeyFn: keyOf }),
  });
}

/** The account that a user is in, then the user. */
export async function findUser(email: string): Promise<User | null> {
  const { Accounts } = await chime.send(new ListAccountsCommand({ UserEmail: email, MaxResults: 1 }));
  const accountId = Accounts?.[0]?.AccountId;
  if (!accountId) return null;
  const { Users } = await chime.send(
    new ListUsersCommand({ AccountId: accountId, UserEmail: email, MaxResults: 1 }),
  );
  return Users?.[0] ?? null;
}

/** The first items of a list, and whether there are more. */
export interface Items<Item> {
  readonly nodes: Item[];
  readonly more: boolean;
}

export const listUsers = (accountId: string, first: number): Promise<Items<User>> =>
  readList(first, 200, async (page) => {
    const { Users, NextToken } = await chime.send(new ListUsersCommand({ AccountId: accountId, ...page }));
    return { items: Users, NextToken };
  });

export const listMemberships = (
  { accountId, roomId }: RoomKey,
  first: number,
): Promise<Items<RoomMembership>> =>
  readList(first, 99, async (page) => {
    const { RoomMemberships, NextToken } = await chime.send(
      new ListRoomMembershipsCommand({ AccountId: accountId, RoomId: roomId, ...page }),
    );
    return { items: RoomMemberships, NextToken };
  });

export const listPhoneNumbers = (accountId: string, first: number): Promise<Items<PhoneNumber>> =>
  readList(first, 99, async (page) => {
    const { PhoneNumbers, NextToken } = await chime.send(
      new ListPhoneNumbersCommand({
        FilterName: PhoneNumberAssociationName.AccountId,
        FilterValue: accountId,
        ...page,
      }),
    );
    return { items: PhoneNumbers, NextToken };
  });

/** @param pageSize items that Chime returns in a call at most */
async function readList<Item>(
  first: number,
  pageSize: number,
  readPage: (page: { readonly MaxResults: number; readonly NextToken: string | undefined }) => Promise<{
    readonly items: Item[] | undefined;
    readonly NextToken: string | undefined;
  }>,
): Promise<Items<Item>> {
  const nodes: Item[] = [];
  let token: string | undefined;
  do {
    const page = await readPage({ MaxResults: Math.min(pageSize, first - nodes.length), NextToken: token });
    nodes.push(...(page.items ?? []));
    token = page.NextToken;
  } while (token !== undefined && nodes.length < first);
  return { nodes, more: token !== undefined };
}

/** The user that a phone number is assigned to. */
export function userKeyOf({ Associations = [] }: PhoneNumber): UserKey | undefined {
  const find = (name: PhoneNumberAssociationName) => Associations.find(({ Name }) => Name === name)?.Value;
  const [accountId, userId] = [
    find(PhoneNumberAssociationName.AccountId),
    find(PhoneNumberAssociationName.UserId),
  ];
  return accountId && userId ? { accountId, userId } : undefined;
}

export async function getSettings(accountId: string): Promise<AccountSettings | undefined> {
  const { AccountSettings } = await chime.send(new GetAccountSettingsCommand({ AccountId: accountId }));
  return AccountSettings;
}
