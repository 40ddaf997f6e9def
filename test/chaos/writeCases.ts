import type { ChimeTestClient } from "../support/chimeClient.js";

/** What a write is for: an account and a user of its own, so that the path of a request identifies the write. */
export interface Target {
  readonly accountId: string;
  readonly userId: string;
}

/** One way to change something, and how to read afterwards whether it has happened. */
export interface WriteCase {
  readonly operation: string;
  readonly title: string;
  /** One root field, `write`, with a variable `$input`. */
  readonly mutation: string;
  /** @param mark a word that no other write uses */
  input(target: Target, mark: string): object;
  /** Prepares the write. @returns what `happened` needs of the state before it */
  before?(chime: ChimeTestClient, target: Target, mark: string): Promise<unknown>;
  /** How often the write has happened, by what Chime has now. */
  happened(chime: ChimeTestClient, target: Target, mark: string, before: unknown): Promise<number>;
}

const addressOf = (mark: string) => `${mark}@example.com`;

const hasUser: WriteCase["happened"] = async (chime, { accountId }, mark) =>
  (await chime.usersByEmail(accountId, addressOf(mark))).length;

const hasRoom: WriteCase["happened"] = async (chime, { accountId, userId }, mark) => {
  const { AlexaForBusinessMetadata } = await chime.user(accountId, userId);
  return AlexaForBusinessMetadata?.AlexaForBusinessRoomArn === mark ? 1 : 0;
};

const hasGroup: WriteCase["happened"] = async (chime, { accountId }, mark) => {
  const { SigninDelegateGroups = [] } = await chime.account(accountId);
  return SigninDelegateGroups.filter(({ GroupName }) => GroupName === mark).length;
};

export const createUserByEmail: WriteCase = {
  operation: "CreateUser",
  title: "CreateUser with an address",
  mutation: `mutation ($input: CreateUserInput!) {
    write: createUser(input: $input) { user { userId } outcome }
  }`,
  input: ({ accountId }, mark) => ({ accountId, email: addressOf(mark) }),
  happened: hasUser,
};

export const writeCases: readonly WriteCase[] = [
  createUserByEmail,
  {
    ...createUserByEmail,
    title: "CreateUser without an address",
    input: ({ accountId }, mark) => ({ accountId, username: mark }),
    happened: async (chime, { accountId }, mark) =>
      (await chime.users(accountId)).filter(({ DisplayName }) => DisplayName === mark).length,
  },
  {
    operation: "CreateAccount",
    title: "CreateAccount",
    mutation: `mutation ($input: CreateAccountInput!) {
      write: createAccount(input: $input) { account { accountId } outcome }
    }`,
    input: (_target, mark) => ({ name: mark }),
    happened: async (chime, _target, mark) => (await chime.accountsNamed(mark)).length,
  },
  {
    operation: "UpdateUser",
    title: "UpdateUser",
    mutation: `mutation ($input: UpdateUserInput!) { write: updateUser(input: $input) { outcome } }`,
    input: (target, mark) => ({ ...target, alexaForBusinessMetadata: { alexaForBusinessRoomArn: mark } }),
    happened: hasRoom,
  },
  {
    operation: "UpdateAccount",
    title: "UpdateAccount",
    mutation: `mutation ($input: UpdateAccountInput!) {
      write: updateAccount(input: $input) { account { name } outcome }
    }`,
    input: ({ accountId }, mark) => ({ accountId, name: mark }),
    happened: async (chime, { accountId }, mark) => ((await chime.account(accountId)).Name === mark ? 1 : 0),
  },
  {
    operation: "ResetPersonalPIN",
    title: "ResetPersonalPIN",
    mutation: `mutation ($input: ResetPersonalPinInput!) {
      write: resetPersonalPin(input: $input) { user { personalPin } outcome }
    }`,
    input: (target) => target,
    before: async (chime, { accountId, userId }) => (await chime.user(accountId, userId)).PersonalPIN,
    happened: async (chime, { accountId, userId }, _mark, before) =>
      (await chime.user(accountId, userId)).PersonalPIN === before ? 0 : 1,
  },
  {
    operation: "AssociateSigninDelegateGroupsWithAccount",
    title: "Associate",
    mutation: `mutation ($input: AssociateSigninDelegateGroupsWithAccountInput!) {
      write: associateSigninDelegateGroupsWithAccount(input: $input) { outcome }
    }`,
    input: ({ accountId }, mark) => ({ accountId, groupNames: [mark] }),
    happened: hasGroup,
  },
  {
    operation: "DisassociateSigninDelegateGroupsFromAccount",
    title: "Disassociate",
    mutation: `mutation ($input: DisassociateSigninDelegateGroupsFromAccountInput!) {
      write: disassociateSigninDelegateGroupsFromAccount(input: $input) { outcome }
    }`,
    input: ({ accountId }, mark) => ({ accountId, groupNames: [mark] }),
    before: (chime, { accountId }, mark) => chime.addGroup(accountId, mark),
    happened: async (...write) => 1 - (await hasGroup(...write)),
  },
  {
    operation: "InviteUsers",
    title: "InviteUsers",
    mutation: `mutation ($input: InviteUsersInput!) {
      write: inviteUsers(input: $input) { outcome }
    }`,
    input: ({ accountId }, mark) => ({ accountId, userEmailList: [addressOf(mark)] }),
    happened: hasUser,
  },
  {
    operation: "BatchUpdateUser",
    title: "BatchUpdateUser",
    mutation: `mutation ($input: BatchUpdateUserInput!) {
      write: batchUpdateUser(input: $input) { outcome }
    }`,
    input: ({ accountId, userId }, mark) => ({
      accountId,
      updateUserRequestItems: [{ userId, alexaForBusinessMetadata: { alexaForBusinessRoomArn: mark } }],
    }),
    happened: hasRoom,
  },
];

/** With 10 operations and 14 faults, 10,080 writes. */
export const writesPerBatch = 72;

/** Creates this many accounts with a user each. */
export async function createTargets(chime: ChimeTestClient, count: number): Promise<Target[]> {
  const targets: Target[] = [];
  while (targets.length < count) {
    const { accountId, userIds } = await chime.createPeople(1);
    targets.push({ accountId, userId: userIds[0] ?? "" });
  }
  return targets;
}
