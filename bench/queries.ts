import type { ChimeTestClient } from "../test/support/chimeClient.js";

/** What the gateway is held to, in ratio to the REST endpoint. */
export interface Goals {
  /** CPU of the process per request, at most. */
  readonly cpu?: number;
  /** Calls to Chime, at most. */
  readonly calls?: number;
  /** Round trips, one after the other. With 20 ms each, half of the responses take at most 1.15 times that. */
  readonly depth?: number;
  /** Round trips more than the REST endpoint takes, at most. */
  readonly furtherTrips?: number;
}

export interface Query {
  readonly name: string;
  readonly title: string;
  readonly document: string;
  /** One for each connection of the load, so that no connection shares the calls of another. */
  readonly inputs: readonly Input[];
  readonly goals: Goals;
}

export interface Input {
  readonly variables: object;
  /** The same for the REST endpoint, where it is something else. */
  readonly rest?: object;
}

const brief = "displayName primaryEmail licenseType";

/**
 * Creates the data at Chime, and the queries for it.
 *
 * @param count inputs of each
 */
export async function createQueries(chime: ChimeTestClient, count: number): Promise<Query[]> {
  const each = <Made>(make: (n: number) => Promise<Made>) =>
    Promise.all(Array.from({ length: count }, (_, n) => make(n)));
  const teams = await each((n) => createTeam(chime, `Team ${n}`, 200));
  const accountIds = teams.map(({ accountId }) => ({ variables: { accountId } }));
  const crowds = await each(() => chime.createPeople(1_200));
  const prefixes = await each(async (n) => {
    const namePrefix = `Office ${n}`;
    for (let office = 0; office < 10; office++) await createTeam(chime, `${namePrefix}/${office}`, 50);
    return { variables: { namePrefix } };
  });
  const writes = await each(() => chime.createPeople(200));
  const largeAccountId = await seededAccount(chime, "Meridian Logistics");
  const largeIds = (await chime.users(largeAccountId)).map(({ UserId = "" }) => UserId);

  return [
    {
      name: "Q1",
      title: "an account with its delegate groups",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          name accountType defaultLicense supportedLicenses signinDelegateGroups { groupName }
        }
      }`,
      inputs: accountIds,
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
      inputs: accountIds,
      goals: { cpu: 0.6, calls: 2, depth: 1 },
    },
    {
      name: "Q3",
      title: "100 lookups of 80 users, of an account of 200",
      document: lookups,
      inputs: teams.map(({ accountId, userIds }) => lookUp(accountId, userIds.slice(0, 80))),
      goals: { cpu: 0.08, calls: 1, depth: 1 },
    },
    {
      name: "Q4",
      title: "the same, of an account of 100,000",
      document: lookups,
      inputs: accountIds.map((_, n) => lookUp(largeAccountId, spread(largeIds, 80, n))),
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
      inputs: crowds.map(({ accountId }) => ({ variables: { accountId } })),
      goals: { cpu: 0.6, calls: 6 },
    },
    {
      name: "Q6",
      title: "100 entities by e-mail, of an account of 200",
      document: `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on User { ${brief} } }
      }`,
      inputs: teams.map(({ emails }) => ({
        variables: {
          representations: emails.slice(0, 100).map((primaryEmail) => ({ __typename: "User", primaryEmail })),
        },
        rest: { emails: emails.slice(0, 100) },
      })),
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
      inputs: prefixes,
      goals: { cpu: 0.6, calls: 11, depth: 2 },
    },
    {
      name: "M1",
      title: "batchUpdateUser of 200",
      document: `mutation ($input: BatchUpdateUserInput!) {
        batchUpdateUser(input: $input) { userErrors { userId } }
      }`,
      inputs: writes.map(({ accountId, userIds }) => ({
        variables: {
          input: {
            accountId,
            updateUserRequestItems: userIds.map((userId) => ({ userId, licenseType: "PRO" })),
          },
        },
      })),
      goals: { calls: 10 },
    },
  ];
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

const lookups = `query ($accountId: ID!, $userIds: [ID!]!) {
  users(accountId: $accountId, userIds: $userIds) { ${brief} }
}`;

/** 100 lookups: each fourth user is looked up twice. */
const lookUp = (accountId: string, userIds: readonly string[]): Input => ({
  variables: { accountId, userIds: [...userIds, ...userIds.filter((_, index) => index % 4 === 0)] },
});

/** This many items of a list: from the middle of as many sections of equal length, n further on. */
const spread = <Item>(items: readonly Item[], count: number, n: number): Item[] =>
  items.filter((_, index) => index % (items.length / count) === Math.floor(items.length / count / 2) + n);
