import {
  type Account,
  GetAccountCommand,
  GetUserCommand,
  ListAccountsCommand,
  ListUsersCommand,
  NotFoundException,
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
  };
}

interface UserKey {
  readonly accountId: string;
  readonly userId: string;
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

/** So many users from an account's beginning, and whether there are more. */
export async function listUsers(accountId: string, first: number): Promise<{ nodes: User[]; more: boolean }> {
  const nodes: User[] = [];
  let token: string | undefined;
  do {
    const page = await chime.send(
      new ListUsersCommand({
        AccountId: accountId,
        MaxResults: Math.min(200, first - nodes.length),
        NextToken: token,
      }),
    );
    nodes.push(...(page.Users ?? []));
    token = page.NextToken;
  } while (token !== undefined && nodes.length < first);
  return { nodes, more: token !== undefined };
}
