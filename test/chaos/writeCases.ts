import type { ChimeTestClient } from "../support/chimeClient.js";
import { chatWriteCases } from "./chatWriteCases.js";
import { phoneNumberCases } from "./phoneNumberCases.js";
import type { Target, WriteCase } from "./writeCase.js";

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
    path: () => undefined,
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
  {
    operation: "BatchSuspendUser",
    title: "BatchSuspendUser",
    mutation: `mutation ($input: BatchSuspendUserInput!) { write: batchSuspendUser(input: $input) { outcome } }`,
    input: ({ accountId, userId }) => ({ accountId, userIdList: [userId] }),
    before: (chime, { accountId, userId }) => chime.inviteAgain(accountId, userId),
    happened: async (chime, { accountId, userId }) =>
      (await chime.user(accountId, userId)).UserRegistrationStatus === "Suspended" ? 1 : 0,
  },
  {
    operation: "UpdateUserSettings",
    title: "UpdateUserSettings",
    mutation: `mutation ($input: UpdateUserSettingsInput!) {
      write: updateUserSettings(input: $input) { outcome }
    }`,
    input: (target) => ({
      ...target,
      userSettings: { telephony: { inboundCalling: true, outboundCalling: true, sms: true } },
    }),
    before: (chime, { accountId, userId }) => chime.setTelephony(accountId, userId, false),
    happened: async (chime, { accountId, userId }) => Number(await chime.sms(accountId, userId)),
  },
  {
    operation: "UpdateAccountSettings",
    title: "UpdateAccountSettings",
    mutation: `mutation ($input: UpdateAccountSettingsInput!) {
      write: updateAccountSettings(input: $input) { outcome }
    }`,
    input: ({ accountId }) => ({ accountId, accountSettings: { enableDialOut: true } }),
    before: (chime, { accountId }) => chime.setDialOut(accountId, false),
    happened: async (chime, { accountId }) => Number(await chime.dialOut(accountId)),
  },
  ...phoneNumberCases,
  {
    operation: "DeleteAccount",
    title: "DeleteAccount",
    mutation: `mutation ($input: DeleteAccountInput!) { write: deleteAccount(input: $input) { outcome } }`,
    target: async (chime) => ({ accountId: await chime.createAccount("Deleted"), userId: "" }),
    input: ({ accountId }) => ({ accountId, confirmName: "Deleted" }),
    happened: async (chime, { accountId }) => Number(await chime.isDeleted(accountId)),
  },
  ...chatWriteCases,
];

/**
 * Mutations without a case: Chime shows no effect of LogoutUser and CreateMeetingDialOut, settings of the AWS account have no
 * account to tell writes apart by, an account has at most ten bots, which cannot be deleted, and the others need accounts
 * of types that CreateAccount does not create.
 */
export const mutationsWithoutCase = [
  "BatchUnsuspendUser",
  "CreateBot",
  "CreateMeetingDialOut",
  "DeleteEventsConfiguration",
  "LogoutUser",
  "PutEventsConfiguration",
  "PutRetentionSettings",
  "RegenerateSecurityToken",
  "UpdateBot",
  "UpdateGlobalSettings",
  "UpdatePhoneNumberSettings",
];

/** With 31 cases and 14 faults, 10,416 writes. */
export const writesPerBatch = 24;

/** Creates this many accounts with a user each. */
export async function createTargets(chime: ChimeTestClient, count: number): Promise<Target[]> {
  const targets: Target[] = [];
  while (targets.length < count) {
    const { accountId, userIds } = await chime.createPeople(1);
    targets.push({ accountId, userId: userIds[0] ?? "" });
  }
  return targets;
}
