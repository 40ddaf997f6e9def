import { SEED } from "../../src/chime-local/seed.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/globalId.js";

/** Every scope that the schema requires somewhere. */
export const allScopes = [
  "chime:read",
  "chime:write",
  "chime:pin",
  "chime:redact",
  "chime:delete-account",
  "chime:global",
] as const;

/** Fields of no account: a caller limited to certain accounts may not use them. */
export const withoutAccount = ["createAccount", "globalSettings", "updateGlobalSettings"];

/** An example of each field of Query and of Mutation, on this user and account, and on accounts of other kinds. */
export function operations({
  accountId,
  userId,
  email,
  enterpriseAccountId = SEED.smallAccountId,
  emptyAccountId = SEED.emptyAccountId,
}: {
  readonly accountId: string;
  readonly userId: string;
  readonly email: string;
  readonly enterpriseAccountId?: string;
  readonly emptyAccountId?: string;
}): Record<"Query" | "Mutation", Record<string, string>> {
  const account = `account { id name }`;
  const user = `user { id displayName }`;
  const groups = `input: { accountId: "${accountId}", groupNames: ["board-assistants"] }`;
  const ids = `accountId: "${accountId}", userId: "${userId}"`;
  return {
    Query: {
      account: `account(accountId: "${accountId}") { id name users { nodes { id } } user(userId: "${userId}") { id } }`,
      accounts: `accounts(first: 2) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } }`,
      user: `user(${ids}) { id account { id } }`,
      users: `users(accountId: "${accountId}", userIds: ["${userId}"]) { id }`,
      userByEmail: `userByEmail(email: "${email}") { id }`,
      node: `node(id: "${accountGlobalId(accountId)}") { __typename id }`,
      globalSettings: `globalSettings { id businessCalling { cdrBucket } voiceConnector { cdrBucket } }`,
      nodes: `nodes(ids: ["${userGlobalId({ accountId, userId })}"]) { __typename id }`,
    },
    Mutation: {
      createAccount: `createAccount(input: { name: "New" }) { ${account} errors { code } }`,
      updateAccount: `updateAccount(input: { accountId: "${accountId}", name: "Renamed" }) { ${account} errors { code } }`,
      updateAccountSettings: `updateAccountSettings(input: { accountId: "${accountId}", accountSettings: { enableDialOut: true } }) { ${account} errors { code } }`,
      putRetentionSettings: `putRetentionSettings(input: { accountId: "${enterpriseAccountId}", mayDelete: true, retentionSettings: { roomRetentionSettings: { retentionDays: 365 }, conversationRetentionSettings: { retentionDays: null } } }) { ${account} errors { code } }`,
      deleteAccount: `deleteAccount(input: { accountId: "${emptyAccountId}", confirmName: "Cedar Workshop" }) { deletedId errors { code } }`,
      updateGlobalSettings: `updateGlobalSettings(input: { voiceConnector: { cdrBucket: "example-call-records" } }) { globalSettings { id voiceConnector { cdrBucket } } errors { code } }`,
      createUser: `createUser(input: { accountId: "${accountId}", email: "new@example.com" }) { ${user} errors { code } }`,
      updateUser: `updateUser(input: { ${ids}, licenseType: BASIC }) { ${user} errors { code } }`,
      batchUpdateUser: `batchUpdateUser(input: { accountId: "${accountId}", updateUserRequestItems: [{ userId: "${userId}", licenseType: PRO }] }) { users { id } userErrors { index } errors { code } }`,
      inviteUsers: `inviteUsers(input: { accountId: "${accountId}", userEmailList: ["guest@example.com"] }) { invites { inviteId } inviteErrors { index } errors { code } }`,
      resetPersonalPin: `resetPersonalPin(input: { ${ids} }) { user { personalPin } errors { code } }`,
      associateSigninDelegateGroupsWithAccount: `associateSigninDelegateGroupsWithAccount(${groups}) { ${account} errors { code } }`,
      disassociateSigninDelegateGroupsFromAccount: `disassociateSigninDelegateGroupsFromAccount(${groups}) { ${account} errors { code } }`,
    },
  };
}
