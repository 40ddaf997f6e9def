import type { OperationName, RequestOf } from "../../src/chime-api/types.js";
import { largeAccount, seededUserId } from "../../src/chime-local/seed/ids.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { phoneNumberWrites } from "./phoneNumberExamples.js";

const { teamAccountId, largeAccountId, twoHundredAccountId, emptyAccountId, smallAccountId, userId } = SEED;

export const ofAccount = { AccountId: teamAccountId };
export const ofUser = { ...ofAccount, UserId: userId };
export const ofRoom = { AccountId: largeAccountId, RoomId: SEED.roomId };
export const ofBot = { AccountId: largeAccountId, BotId: SEED.botId };

const groups = ["board-assistants"];
const telephony = { InboundCalling: false, OutboundCalling: true, SMS: true };
const retention = {
  RoomRetentionSettings: { RetentionDays: 30 },
  ConversationRetentionSettings: { RetentionDays: 60 },
};

/** A request, and what the mutation's input has besides or instead. */
export interface Write<Name extends OperationName> {
  readonly request: RequestOf<Name>;
  readonly input?: object;
}

/** An example of each write. BatchUnsuspendUser gets its users in the test. */
export const writeExamples: { [Name in OperationName]?: Write<Name> } = {
  ...phoneNumberWrites,
  CreateAccount: { request: { Name: "New" } },
  UpdateAccount: { request: { ...ofAccount, Name: "Renamed", DefaultLicense: "Basic" } },
  DeleteAccount: { request: { AccountId: emptyAccountId }, input: { confirmName: "Cedar Workshop" } },
  AssociateSigninDelegateGroupsWithAccount: {
    request: { ...ofAccount, SigninDelegateGroups: groups.map((GroupName) => ({ GroupName })) },
    input: { signinDelegateGroups: undefined, groupNames: groups },
  },
  DisassociateSigninDelegateGroupsFromAccount: {
    request: { AccountId: smallAccountId, GroupNames: ["reception"] },
  },
  UpdateAccountSettings: {
    request: { ...ofAccount, AccountSettings: { DisableRemoteControl: true, EnableDialOut: true } },
  },
  PutRetentionSettings: {
    request: { AccountId: largeAccountId, RetentionSettings: retention },
    input: { mayDelete: true },
  },
  CreateUser: {
    request: { ...ofAccount, Username: "Ada", Email: "ada@new.example.com", UserType: "SharedDevice" },
  },
  UpdateUser: { request: { ...ofUser, LicenseType: "Pro" } },
  BatchUpdateUser: {
    request: { ...ofAccount, UpdateUserRequestItems: [{ UserId: userId, UserType: "SharedDevice" }] },
  },
  InviteUsers: { request: { ...ofAccount, UserEmailList: ["guest@new.example.com"] } },
  ResetPersonalPIN: { request: ofUser },
  BatchSuspendUser: { request: { ...ofAccount, UserIdList: [userId] } },
  BatchUnsuspendUser: { request: { AccountId: twoHundredAccountId, UserIdList: [] } },
  LogoutUser: { request: ofUser },
  UpdateUserSettings: { request: { ...ofUser, UserSettings: { Telephony: telephony } } },
  CreateRoom: { request: { AccountId: twoHundredAccountId, Name: "New", ClientRequestToken: "token" } },
  UpdateRoom: { request: { ...ofRoom, Name: "Renamed" } },
  DeleteRoom: { request: ofRoom },
  CreateRoomMembership: { request: { ...ofRoom, MemberId: userId, Role: "Administrator" } },
  BatchCreateRoomMembership: {
    request: { ...ofRoom, MembershipItemList: [{ MemberId: userId, Role: "Administrator" }] },
  },
  UpdateRoomMembership: {
    request: { ...ofRoom, MemberId: seededUserId(largeAccount, 0), Role: "Member" },
  },
  DeleteRoomMembership: { request: { ...ofRoom, MemberId: SEED.botId } },
  RedactRoomMessage: { request: { ...ofRoom, MessageId: SEED.messageId } },
  RedactConversationMessage: {
    request: {
      AccountId: largeAccountId,
      ConversationId: SEED.conversationId,
      MessageId: SEED.conversationMessageId,
    },
  },
  CreateBot: {
    request: { AccountId: largeAccountId, DisplayName: "New", Domain: "meridian.example.com" },
  },
  UpdateBot: { request: { ...ofBot, Disabled: true } },
  RegenerateSecurityToken: { request: ofBot },
  PutEventsConfiguration: {
    request: { ...ofBot, OutboundEventsHTTPSEndpoint: "https://bots.example.com/new" },
  },
  DeleteEventsConfiguration: { request: ofBot },
  UpdateGlobalSettings: { request: { VoiceConnector: { CdrBucket: "connector-records" } } },
};
