/** An operation that an explorer opens on. */
export interface Example {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An account, its delegate groups and a page of its users: the heart of the schema in one operation. */
const ofAccount = `# To page on, give endCursor as $after.
query Account($accountId: ID!, $after: String) {
  account(accountId: $accountId) {
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

/** The same where no account is known beforehand. */
const ofAccounts = `query Accounts {
  accounts(first: 3) {
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

/** @param accountId an account that is surely there */
export const createExample = (accountId: string | undefined): Example =>
  accountId === undefined
    ? { document: ofAccounts, variables: {} }
    : { document: ofAccount, variables: { accountId, after: null } };
