import { MalformedResponseError } from "../../chime/callErrors.js";
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
import { accountBots, Bot, botMutations, botPayload, botQueries, EventsConfiguration } from "./bot.js";
import {
  BusinessCallingSettings,
  GlobalSettings,
  globalSettingsMutations,
  globalSettingsQueries,
  UpdateGlobalSettingsPayload,
  VoiceConnectorSettings,
} from "./globalSettings.js";
import { messageMutations } from "./message.js";
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
import { accountRooms, Room, roomMutations, roomPayload, roomQueries, userRooms } from "./room.js";
import {
  BatchCreateRoomMembershipPayload,
  BatchCreateRoomMembershipResult,
  DeleteRoomMembershipPayload,
  Member,
  membershipPayload,
  RoomMembership,
  roomMembershipMutations,
} from "./roomMembership.js";
import { connection, UserConnection } from "./shared/connections.js";
import { enums } from "./shared/enums.js";
import { deletionPayload } from "./shared/payloads.js";
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
  | "BotEdge"
  | "RoomEdge"
  | "RoomMembershipEdge"
  | "UserEdge"
  | "PageInfo"
  | "MutationError"
  | "MemberError"
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
    ...roomQueries,
    ...botQueries,
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
    ...roomMutations,
    ...roomMembershipMutations,
    ...messageMutations,
    ...botMutations,
    ...globalSettingsMutations,
    ...phoneNumberMutations,
    ...phoneNumberAssignmentMutations,
    ...phoneNumberSettingsMutations,
    ...phoneNumberOrderMutations,
    ...meetingMutations,
  },

  Node,
  Account: {
    ...Account,
    ...accountSettingsFields,
    ...accountRooms,
    ...accountBots,
    ...phoneNumbersOfAccount,
    ...userSummaryFields,
  },
  AccountConnection: connection,
  SigninDelegateGroup: { groupName: ({ GroupName }) => GroupName ?? missingMember("GroupName") },
  AccountSettings,
  RetentionSettings,
  RoomRetentionSettings,
  ConversationRetentionSettings,
  User: { ...User, ...userSettingsFields, ...userRooms, ...phoneNumberOfUser },
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
  Room,
  RoomConnection: connection,
  RoomMembership,
  RoomMembershipConnection: connection,
  Member,
  Bot,
  BotConnection: connection,
  EventsConfiguration,
  GlobalSettings,
  BusinessCallingSettings,
  VoiceConnectorSettings,
  PhoneNumber,
  PhoneNumberConnection: connection,
  PhoneNumberCapabilities,
  PhoneNumberAssociation,
  PhoneNumberSettings,
  PhoneNumberOrder,
  PhoneNumberOrderConnection: connection,
  OrderedPhoneNumber,
  AvailablePhoneNumber,
  AvailablePhoneNumberConnection: connection,
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
  CreateRoomPayload: roomPayload,
  UpdateRoomPayload: roomPayload,
  DeleteRoomPayload: deletionPayload,
  CreateRoomMembershipPayload: membershipPayload,
  UpdateRoomMembershipPayload: membershipPayload,
  BatchCreateRoomMembershipPayload,
  BatchCreateRoomMembershipResult,
  DeleteRoomMembershipPayload,
  RedactRoomMessagePayload: roomPayload,
  RedactConversationMessagePayload: accountPayload,
  CreateBotPayload: botPayload,
  UpdateBotPayload: botPayload,
  RegenerateSecurityTokenPayload: botPayload,
  PutEventsConfigurationPayload: botPayload,
  DeleteEventsConfigurationPayload: botPayload,
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
  ...enums,
};
