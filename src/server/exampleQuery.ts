import { rootFieldName } from "../graphql/subgraph/prefix.js";

/** The operation that an explorer shows first. */
export interface Example {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An account, its delegate groups and a page of its users: the core of the schema. */
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
  }
}
`;

/** The same if no account is known. */
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
