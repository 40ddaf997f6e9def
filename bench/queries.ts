import type { ChimeTestClient } from "../test/support/chimeClient.js";
import { createData } from "./data.js";

/** What the gateway is held to, in ratio to the REST endpoint. */
export interface Goals {
  /** CPU of the process per request, at most. */
  readonly cpu?: number;
  /** Whether that is less than every other contender takes. */
  readonly isCheapest?: true;
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
  const data = await createData(chime, count);
  const { teams, crowds, namePrefixes, writes, largeAccountId, largeIds, rooms, callCenters } = data;
  const accountIds = idsOf(teams);

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
      inputs: idsOf(crowds),
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
      inputs: namePrefixes.map((namePrefix) => ({ variables: { namePrefix } })),
      goals: { cpu: 0.6, calls: 11, depth: 2 },
    },
    {
      name: "Q8",
      title: "a room and its 150 members",
      document: `query ($accountId: ID!, $roomId: ID!) {
        room(accountId: $accountId, roomId: $roomId) {
          name memberships(first: 150) { nodes { role member { memberId fullName email } } }
        }
      }`,
      inputs: rooms.map((variables) => ({ variables })),
      goals: { isCheapest: true, calls: 3, depth: 2 },
    },
    {
      name: "Q9",
      title: "50 phone numbers of an account, with their users",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          phoneNumbers(first: 50) { nodes { e164PhoneNumber callingName user { ${brief} } } }
        }
      }`,
      inputs: idsOf(callCenters),
      goals: { isCheapest: true, calls: 3, depth: 2 },
    },
    {
      name: "Q10",
      title: "one account with everything on one screen",
      document: `query ($accountId: ID!) {
        account(accountId: $accountId) {
          name accountType defaultLicense settings { disableRemoteControl enableDialOut }
          signinDelegateGroups { groupName }
          users(first: 50) { nodes { ${brief} userId } }
          phoneNumbers(first: 20) { nodes { e164PhoneNumber status } }
        }
      }`,
      inputs: idsOf(callCenters),
      goals: { isCheapest: true, calls: 4, depth: 1 },
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

const idsOf = (accounts: readonly { readonly accountId: string }[]): Input[] =>
  accounts.map(({ accountId }) => ({ variables: { accountId } }));

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
