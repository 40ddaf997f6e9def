import {
  AccountStatus,
  AccountType,
  CallingNameStatus,
  EmailStatus,
  InviteStatus,
  License,
  OrderedPhoneNumberStatus,
  PhoneNumberAssociationName,
  PhoneNumberOrderStatus,
  PhoneNumberProductType,
  PhoneNumberStatus,
  PhoneNumberType,
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
import { CreateMeetingDialOutPayload, meetingMutations } from "./phoneNumbers/meeting.js";
import {
  PhoneNumber,
  PhoneNumberAssociation,
  PhoneNumberCapabilities,
  phoneNumberOfUser,
  phoneNumberQueries,
  phoneNumbersOfAccount,
} from "./phoneNumbers/phoneNumber.js";
import {
  AssociatePhoneNumberWithUserPayload,
  phoneNumberAssignmentMutations,
} from "./phoneNumbers/phoneNumberAssignment.js";
import {
  BatchDeletePhoneNumberPayload,
  BatchDeletePhoneNumberResult,
  BatchUpdatePhoneNumberPayload,
  BatchUpdatePhoneNumberResult,
  phoneNumberMutations,
  phoneNumberPayload,
} from "./phoneNumbers/phoneNumberMutations.js";
import {
  AvailablePhoneNumber,
  CreatePhoneNumberOrderPayload,
  OrderedPhoneNumber,
  PhoneNumberCountry,
  PhoneNumberOrder,
  phoneNumberOrderMutations,
  phoneNumberOrderQueries,
} from "./phoneNumbers/phoneNumberOrder.js";
import {
  PhoneNumberSettings,
  phoneNumberSettingsMutations,
  phoneNumberSettingsQueries,
  UpdatePhoneNumberSettingsPayload,
} from "./phoneNumbers/phoneNumberSettings.js";
import {
  AccountConnection,
  AvailablePhoneNumberConnection,
  PhoneNumberConnection,
  PhoneNumberOrderConnection,
  UserConnection,
} from "./shared/connections.js";
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
  | "PhoneNumberEdge"
  | "PhoneNumberOrderEdge"
  | "AvailablePhoneNumberEdge"
  | "PhoneNumberError"
  | "WriteOutcome";

/** All resolvers. A field or mutation of the SDL without a resolver does not compile. */
export const resolvers: Omit<Resolvers, PlainType> = {
  Query: {
    ...accountQueries,
    ...userQueries,
    ...nodeQueries,
    ...globalSettingsQueries,
    ...phoneNumberQueries,
    ...phoneNumberSettingsQueries,
    ...phoneNumberOrderQueries,
  },
  Mutation: {
    ...accountMutations,
    ...accountDeletionMutations,
    ...accountSettingsMutations,
    ...userMutations,
    ...userAccessMutations,
    ...userSettingsMutations,
    ...globalSettingsMutations,
    ...phoneNumberMutations,
    ...phoneNumberAssignmentMutations,
    ...phoneNumberSettingsMutations,
    ...phoneNumberOrderMutations,
    ...meetingMutations,
  },

  Node,
  Account: { ...Account, ...accountSettingsFields, ...phoneNumbersOfAccount },
  AccountConnection,
  SigninDelegateGroup: { groupName: ({ GroupName }) => GroupName ?? missingMember("GroupName") },
  AccountSettings,
  RetentionSettings,
  RoomRetentionSettings,
  ConversationRetentionSettings,
  User: { ...User, ...userSettingsFields, ...phoneNumberOfUser },
  UserConnection,
  AlexaForBusinessMetadata,
  Invite,
  UserSettings,
  TelephonySettings,
  GlobalSettings,
  BusinessCallingSettings,
  VoiceConnectorSettings,
  PhoneNumber,
  PhoneNumberConnection,
  PhoneNumberCapabilities,
  PhoneNumberAssociation,
  PhoneNumberSettings,
  PhoneNumberOrder,
  PhoneNumberOrderConnection,
  OrderedPhoneNumber,
  AvailablePhoneNumber,
  AvailablePhoneNumberConnection,
  PhoneNumberCountry,

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
  UpdatePhoneNumberPayload: phoneNumberPayload,
  DeletePhoneNumberPayload: phoneNumberPayload,
  RestorePhoneNumberPayload: phoneNumberPayload,
  BatchUpdatePhoneNumberPayload,
  BatchUpdatePhoneNumberResult,
  BatchDeletePhoneNumberPayload,
  BatchDeletePhoneNumberResult,
  AssociatePhoneNumberWithUserPayload,
  DisassociatePhoneNumberFromUserPayload: userPayload,
  UpdatePhoneNumberSettingsPayload,
  CreatePhoneNumberOrderPayload,
  CreateMeetingDialOutPayload,

  DateTime,
  EmailAddress,

  // Internally, enum values are Chime's own: `ENTERPRISE_LWA` is "EnterpriseLWA".
  AccountStatus: enumValues(AccountStatus),
  AccountType: enumValues(AccountType),
  CallingNameStatus: enumValues(CallingNameStatus),
  EmailStatus: enumValues(EmailStatus),
  InviteStatus: enumValues(InviteStatus),
  License: enumValues(License),
  OrderedPhoneNumberStatus: enumValues(OrderedPhoneNumberStatus),
  PhoneNumberAssociationName: enumValues(PhoneNumberAssociationName),
  PhoneNumberOrderStatus: enumValues(PhoneNumberOrderStatus),
  PhoneNumberProductType: enumValues(PhoneNumberProductType),
  PhoneNumberStatus: enumValues(PhoneNumberStatus),
  PhoneNumberType: enumValues(PhoneNumberType),
  RegistrationStatus: enumValues(RegistrationStatus),
  UserType: enumValues(UserType),
  ErrorCode: enumValues(ErrorCode),
};
