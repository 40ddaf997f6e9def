import {
  AccountStatus,
  AccountType,
  EmailStatus,
  InviteStatus,
  License,
  RegistrationStatus,
  UserType,
} from "@aws-sdk/client-chime";
import { MalformedResponseError } from "../../chime/callErrors.js";
import { ErrorCode } from "../../chime/errors.js";
import type { Resolvers } from "../../generated/schema.js";
import { Account, accountMutations, accountPayload, accountQueries } from "./account.js";
import { accountDeletionMutations, DeleteAccountPayload } from "./accountDeletion.js";
import {
  AccountSettings,
  accountSettingsFields,
  accountSettingsMutations,
  ConversationRetentionSettings,
  RetentionSettings,
  RoomRetentionSettings,
} from "./accountSettings.js";
import {
  BusinessCallingSettings,
  GlobalSettings,
  globalSettingsMutations,
  globalSettingsQueries,
  UpdateGlobalSettingsPayload,
  VoiceConnectorSettings,
} from "./globalSettings.js";
import { Node, nodeQueries } from "./node.js";
import { AccountConnection, UserConnection } from "./shared/connections.js";
import { enumValues } from "./shared/derived.js";
import { DateTime, EmailAddress } from "./shared/scalars.js";
import { AlexaForBusinessMetadata, Invite, User, userQueries } from "./user.js";
import {
  BatchSuspendUserPayload,
  BatchSuspendUserResult,
  BatchUnsuspendUserPayload,
  BatchUnsuspendUserResult,
  userAccessMutations,
} from "./userAccess.js";
import {
  BatchUpdateUserPayload,
  BatchUpdateUserResult,
  InviteUsersPayload,
  InviteUsersResult,
  userMutations,
  userPayload,
} from "./userMutations.js";
import {
  TelephonySettings,
  UserSettings,
  userSettingsFields,
  userSettingsMutations,
} from "./userSettings.js";
import {
  LicenseTypeCount,
  UserInvitationStatusCount,
  UserRegistrationStatusCount,
  UserSummary,
  UserTypeCount,
  userSummaryFields,
} from "./userSummary.js";

const missingMember = (name: string): never => {
  throw new MalformedResponseError(`The response lacks ${name}.`);
};

/** Types whose resolvers return objects with the schema's own fields. */
type PlainType =
  | "AccountEdge"
  | "UserEdge"
  | "PageInfo"
  | "MutationError"
  | "UserError"
  | "InviteError"
  | "WriteOutcome";

/** All resolvers. A field or mutation of the SDL without a resolver does not compile. */
export const resolvers: Omit<Resolvers, PlainType> = {
  Query: { ...accountQueries, ...userQueries, ...nodeQueries, ...globalSettingsQueries },
  Mutation: {
    ...accountMutations,
    ...accountDeletionMutations,
    ...accountSettingsMutations,
    ...userMutations,
    ...userAccessMutations,
    ...userSettingsMutations,
    ...globalSettingsMutations,
  },

  Node,
  Account: { ...Account, ...accountSettingsFields, ...userSummaryFields },
  AccountConnection,
  SigninDelegateGroup: { groupName: ({ GroupName }) => GroupName ?? missingMember("GroupName") },
  AccountSettings,
  RetentionSettings,
  RoomRetentionSettings,
  ConversationRetentionSettings,
  User: { ...User, ...userSettingsFields },
  UserConnection,
  UserSummary,
  LicenseTypeCount,
  UserRegistrationStatusCount,
  UserTypeCount,
  UserInvitationStatusCount,
  AlexaForBusinessMetadata,
  Invite,
  UserSettings,
  TelephonySettings,
  GlobalSettings,
  BusinessCallingSettings,
  VoiceConnectorSettings,

  CreateAccountPayload: accountPayload,
  UpdateAccountPayload: accountPayload,
  AssociateSigninDelegateGroupsWithAccountPayload: accountPayload,
  DisassociateSigninDelegateGroupsFromAccountPayload: accountPayload,
  UpdateAccountSettingsPayload: accountPayload,
  PutRetentionSettingsPayload: accountPayload,
  DeleteAccountPayload,
  UpdateGlobalSettingsPayload,
  CreateUserPayload: userPayload,
  UpdateUserPayload: userPayload,
  ResetPersonalPinPayload: userPayload,
  BatchUpdateUserPayload,
  BatchUpdateUserResult,
  InviteUsersPayload,
  InviteUsersResult,
  BatchSuspendUserPayload,
  BatchSuspendUserResult,
  BatchUnsuspendUserPayload,
  BatchUnsuspendUserResult,
  LogoutUserPayload: userPayload,
  UpdateUserSettingsPayload: userPayload,

  DateTime,
  EmailAddress,

  // Internally, enum values are Chime's own: `ENTERPRISE_LWA` is "EnterpriseLWA".
  AccountStatus: enumValues(AccountStatus),
  AccountType: enumValues(AccountType),
  EmailStatus: enumValues(EmailStatus),
  InviteStatus: enumValues(InviteStatus),
  License: enumValues(License),
  RegistrationStatus: enumValues(RegistrationStatus),
  UserType: enumValues(UserType),
  ErrorCode: enumValues(ErrorCode),
};
