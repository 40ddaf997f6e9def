/**
 * Constraints on the members of requests beyond their types, which the SDK's schemas lack.
 * Source: Amazon Chime's service description of 2018-05-01, except where a comment states otherwise.
 */
import {
  License,
  PhoneNumberAssociationName,
  PhoneNumberProductType,
  PhoneNumberStatus,
  PhoneNumberType,
  RoomMembershipRole,
  UserType,
} from "@aws-sdk/client-chime";

export interface Constraint {
  /** Required members, in addition to those that the schemas require. */
  readonly isRequired?: true;
  readonly enum?: readonly string[];
  /** For a string its length in characters, for a list its number of items, for a number its value. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Describes the pattern in messages, after "must". */
  readonly patternRule?: string;
  /** The constraint of each item of a list. */
  readonly item?: Constraint;
}

const notBlank: Constraint = { pattern: /\S/, patternRule: "not be blank" };
const accountName: Constraint = { ...notBlank, min: 1, max: 100 };
/** Chime's `^.+@.+\..+$` without backtracking. */
const email: Constraint = {
  pattern: /^.[^@\n\r\u2028\u2029]*@.[^.\n\r\u2028\u2029]*\..+$/,
  patternRule: "be an e-mail address",
};
/**
 * Chime's own rule is "not blank". The ids in AWS's examples have letters, digits and hyphens only; the stricter rule
 * rejects ids such as `..` and `a/b`, which would change the path of a request.
 */
export const id = {
  pattern: /^[A-Za-z0-9_-]{1,128}$/,
  patternRule: "be 1 to 128 letters, digits, '-' or '_'",
} satisfies Constraint;
const guid: Constraint = { pattern: /^[a-f\d]{8}(-[a-f\d]{4}){3}-[a-f\d]{12}$/i, patternRule: "be a GUID" };
const e164: Constraint = { pattern: /^\+?[1-9]\d{1,14}$/, patternRule: "be a phone number in E.164 format" };
/** Chime's own rule is "not blank". AWS's examples have the number with `+`, or percent-encoded. */
const phoneNumberId: Constraint = { ...e164, pattern: /^(%2B|\+)?[1-9]\d{1,14}$/i };
const license: Constraint = { enum: Object.values(License) };
const maxResults200: Constraint = { min: 1, max: 200 };

/** Members of inputs without constraints. */
const unconstrained = `AccountSettings AlexaForBusinessMetadata AlexaForBusinessRoomArn AreaCode BusinessCalling CdrBucket
  City ConversationRetentionSettings DisableRemoteControl Disabled DisplayName EnableDialOut FilterValue InboundCalling
  IsAlexaForBusinessEnabled LambdaFunctionArn Name NextToken OutboundCalling OutboundEventsHTTPSEndpoint
  RetentionSettings RoomRetentionSettings SMS SigninDelegateGroups State Telephony UserSettings Username VoiceConnector`;

/** Constraints by member name, or by structure and member where a structure differs from the others. */
export const constraints: Readonly<Record<string, Constraint>> = {
  ...Object.fromEntries(unconstrained.split(/\s+/).map((member) => [member, {}])),
  AccountId: id,
  BotId: id,
  CallingName: {
    pattern: /^([a-zA-Z0-9 ]{2,15})?$/,
    patternRule: "be empty, or 2 to 15 letters, digits or spaces",
  },
  ClientRequestToken: {
    min: 2,
    max: 64,
    pattern: /^[-_a-zA-Z0-9]*$/,
    patternRule: "have letters, digits, hyphens and underscores only",
  },
  ConversationId: id,
  Country: { pattern: /^[A-Z]{2}$/, patternRule: "be two capital letters" },
  DefaultLicense: license,
  Domain: notBlank,
  E164PhoneNumber: e164,
  // Chime's description has no maximum for an order.
  E164PhoneNumbers: { min: 1, max: 50, item: e164 },
  Email: email,
  FilterName: { enum: Object.values(PhoneNumberAssociationName) },
  FromPhoneNumber: e164,
  // Optional in Chime's description, but a group has no other member.
  GroupName: { ...notBlank, isRequired: true },
  GroupNames: { min: 1 },
  JoinToken: {
    min: 2,
    max: 2048,
    pattern: /^[a-zA-Z0-9+/]+$/,
    patternRule: "have letters, digits, + and / only",
  },
  LicenseType: license,
  MaxResults: { min: 1, max: 99 },
  "ListAccountsRequest.MaxResults": maxResults200,
  "ListUsersRequest.MaxResults": maxResults200,
  "SearchAvailablePhoneNumbersRequest.MaxResults": { min: 1, max: 500 },
  MeetingId: guid,
  MemberId: id,
  MembershipItemList: { max: 50 },
  MessageId: id,
  "CreateAccountRequest.Name": accountName,
  "UpdateAccountRequest.Name": accountName,
  "ListAccountsRequest.Name": accountName,
  PhoneNumberId: phoneNumberId,
  // Chime's description has no maximum for the two batches of phone numbers.
  PhoneNumberIds: { min: 1, max: 50, item: phoneNumberId },
  PhoneNumberOrderId: guid,
  PhoneNumberType: { enum: Object.values(PhoneNumberType) },
  ProductType: { enum: Object.values(PhoneNumberProductType) },
  RetentionDays: { min: 1, max: 5475 },
  Role: { enum: Object.values(RoomMembershipRole) },
  RoomId: id,
  Status: { enum: Object.values(PhoneNumberStatus) },
  ToPhoneNumber: e164,
  TollFreePrefix: {
    pattern: /^8(00|33|44|55|66|77|88)$/,
    patternRule: "be 800, 833, 844, 855, 866, 877 or 888",
  },
  UpdatePhoneNumberRequestItems: { max: 50 },
  UpdateUserRequestItems: { max: 20 },
  UserEmail: email,
  UserEmailList: { max: 50, item: email },
  UserId: id,
  UserIdList: { max: 50, item: id },
  UserType: { enum: Object.values(UserType) },
};

/** The constraint of a structure's member. */
export const constraintOf = (structure: string, member: string): Constraint =>
  constraints[`${structure}.${member}`] ?? constraints[member] ?? {};
