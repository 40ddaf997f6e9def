import { rootFieldName } from "../graphql/subgraph/prefix.js";

/** The operation that an explorer shows first. */
export interface Example {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An account with everything that it has: groups, users, rooms with members, bots and phone numbers. */
const accountQuery = (prefix?: string) => `# For the next page, pass endCursor as $after.
query Account($accountId: ID!, $after: String) {
  ${rootFieldName("account", prefix)}(accountId: $accountId) {
    id
    name
    accountType
    supportedLicenses
    signinDelegateGroups {
      groupName
    }
    users(first: 10, after: $after) {
      nodes {
        id
        userId
        displayName
        primaryEmail
        licenseType
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    rooms(first: 3) {
      nodes {
        name
        memberships(first: 3) {
          nodes {
            role
            member {
              fullName
              email
            }
          }
        }
      }
    }
    bots {
      nodes {
        displayName
        disabled
      }
    }
    phoneNumbers(first: 3) {
      nodes {
        e164PhoneNumber
        callingName
        user {
          displayName
        }
      }
    }
  }
}
`;

/** Accounts, groups and users if no account is known. */
const accountsQuery = (prefix?: string) => `query Accounts {
  ${rootFieldName("accounts", prefix)}(first: 3) {
    nodes {
      accountId
      name
      signinDelegateGroups {
        groupName
      }
      users(first: 10) {
        nodes {
          userId
          displayName
          primaryEmail
          licenseType
        }
      }
    }
  }
}
`;

/**
 * @param accountId an existing account, if one is known
 * @param prefix of the schema's root fields
 */
export const createExample = (accountId: string | undefined, prefix: string | undefined): Example =>
  accountId === undefined
    ? { document: accountsQuery(prefix), variables: {} }
    : { document: accountQuery(prefix), variables: { accountId, after: null } };
