import type { Chime } from "./chaos/chime.js";

/** What the gateway is held to, in ratio to the REST endpoint. */
export interface Goals {
  /** CPU of the process per request, at most. */
  readonly cpu?: number;
  /** Calls to Chime, at most. */
  readonly calls?: number;
  /** Round trips, one after the other. With 20 ms each, half of the answers come within 1.15 times that. */
  readonly depth?: number;
  /** Round trips more than the REST endpoint takes, at most. */
  readonly furtherTrips?: number;
}

export interface Query {
  readonly name: string;
  readonly title: string;
  readonly document: string;
  readonly variables: object;
  /** The same for the REST endpoint, where it is something else. */
  readonly input?: object;
  readonly goals: Goals;
}

const brief = "displayName primaryEmail licenseType";

/** Sets the scene at Chime, and makes the queries for it. */
export async function createQueries(chime: Chime): Promise<Query[]> {
  const accountId = await seededAccount(chime, "Alder University");
  const largeAccountId = await seededAccount(chime, "Meridian Logistics");
  const users = await chime.users(accountId);
  const userIds = users.map(({ UserId }) => UserId);
  const largeIds = (await chime.users(largeAccountId)).map(({ UserId }) => UserId);
  const emails = users.flatMap(({ PrimaryEmail }) => PrimaryEmail ?? []).slice(0, 100);
  const fifties = await Promise.all(Array.from({ length: 10 }, () => chime.createPeople(50)));
  const { Name: namePrefix = "" } = (await chime.account(fifties[0]?.accountId ?? "")) ?? {};
  const bulk = await chime.createPeople(200);
  const updateUserRequestItems = bulk.userIds.map((userId) => ({ userId, licenseType: "PRO" }));

  return [
    {
      name: "Q1",
      title: "an account with its delegate groups",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          name accountType defaultLicense supportedLicenses signinDelegateGroups { groupName }
        }
      }`,
      variables: { accountId },
      goals: { cpu: 0.7, calls: 1, depth: 1 },
    },
    {
      name: "Q2",
      title: "an account and 100 users with 12 fields each",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          name
          users(first: 100) {
            nodes {
              ${brief} userId accountId primaryProvisionedNumber userType userRegistrationStatus
              userInvitationStatus registeredOn
              alexaForBusinessMetadata { isAlexaForBusinessEnabled alexaForBusinessRoomArn }
            }
          }
        }
      }`,
      variables: { accountId },
      goals: { cpu: 0.6, calls: 2, depth: 1 },
    },
    {
      name: "Q3",
      title: "100 look-ups of 80 users, of an account of 200",
      ...lookups(accountId, userIds.slice(0, 80)),
      goals: { cpu: 0.08, calls: 1, depth: 1 },
    },
    {
      name: "Q4",
      title: "the same, of an account of 100,000",
      ...lookups(largeAccountId, spread(largeIds, 80)),
      goals: { cpu: 1.05, calls: 81, furtherTrips: 1 },
    },
    {
      name: "Q5",
      title: "1,000 users by connection",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          name users(first: 1000) { nodes { ${brief} userId } pageInfo { hasNextPage } }
        }
      }`,
      variables: { accountId: largeAccountId },
      goals: { cpu: 0.6, calls: 6 },
    },
    {
      name: "Q6",
      title: "100 entities by e-mail, of an account of 200",
      document: `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on User { ${brief} } }
      }`,
      variables: {
        representations: emails.map((primaryEmail) => ({ __typename: "User", primaryEmail })),
      },
      input: { emails },
      goals: { calls: 2 },
    },
    {
      name: "Q7",
      title: "10 accounts, 50 users of each, the account's name of each user",
      document: `query ($namePrefix: String!) {
        accounts(first: 10, namePrefix: $namePrefix) {
          nodes { name users(first: 50) { nodes { ${brief} account { name } } } }
        }
      }`,
      variables: { namePrefix },
      goals: { cpu: 0.6, calls: 11, depth: 2 },
    },
    {
      name: "M1",
      title: "batchUpdateUser of 200",
      document: `mutation ($input: BatchUpdateUserInput!) {
        batchUpdateUser(input: $input) { userErrors { userId } }
      }`,
      variables: { input: { accountId: bulk.accountId, updateUserRequestItems } },
      goals: { calls: 10 },
    },
  ];
}

/** See src/chime-local/seed.ts. */
async function seededAccount(chime: Chime, name: string): Promise<string> {
  const [account] = await chime.accountsNamed(name);
  if (!account) throw new Error(`The seed has no account ${name}.`);
  return account.AccountId;
}

/** 100 look-ups: each fourth user is asked for twice. */
function lookups(accountId: string, userIds: readonly string[]): Pick<Query, "document" | "variables"> {
  return {
    document: `query ($accountId: ID!, $userIds: [ID!]!) {
      users(accountId: $accountId, userIds: $userIds) { ${brief} }
    }`,
    variables: { accountId, userIds: [...userIds, ...userIds.filter((_, index) => index % 4 === 0)] },
  };
}

/** So many of a list, from the middle of as many stretches of equal length. */
const spread = <Item>(items: readonly Item[], count: number): Item[] =>
  items.filter((_, index) => index % (items.length / count) === Math.floor(items.length / count / 2));
