import { type DocumentNode, visit } from "graphql";
import { largeAccount, seededUserId, twoHundredAccount } from "../../src/chime-local/seed/ids.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { readTypeDefs } from "../../src/graphql/schema.js";

/** Every scope that the schema requires somewhere. */
export const allScopes: readonly string[] = [...new Set(scopesOf(readTypeDefs()))];

function scopesOf(document: DocumentNode): string[] {
  const scopes: string[] = [];
  visit(document, {
    Directive(directive) {
      if (directive.name.value !== "requiresScopes") return false;
      visit(directive, { StringValue: ({ value }) => void scopes.push(value) });
      return false;
    },
  });
  return scopes;
}

/** Fields of no account: a caller limited to certain accounts may not use them. */
export const withoutAccount = [
  "createAccount",
  "globalSettings",
  "updateGlobalSettings",
  "phoneNumbers",
  "phoneNumberSettings",
  "phoneNumberOrder",
  "phoneNumberOrders",
  "availablePhoneNumbers",
  "supportedPhoneNumberCountries",
  "updatePhoneNumber",
  "batchUpdatePhoneNumber",
  "deletePhoneNumber",
  "batchDeletePhoneNumber",
  "restorePhoneNumber",
  "associatePhoneNumberWithUser",
  "updatePhoneNumberSettings",
  "createPhoneNumberOrder",
  "createMeetingDialOut",
];

/** An example of each field of Query and of Mutation, on this user and account, and on accounts of other kinds. */
export function operations({
  accountId,
  userId,
  email,
  enterpriseAccountId = SEED.smallAccountId,
  emptyAccountId = SEED.emptyAccountId,
  lwaAccountId = SEED.twoHundredAccountId,
  chatAccountId = SEED.largeAccountId,
  assignedNumber = SEED.assignedNumber,
}: {
  readonly accountId: string;
  readonly userId: string;
  readonly email: string;
  readonly enterpriseAccountId?: string;
  readonly emptyAccountId?: string;
  readonly lwaAccountId?: string;
  /** The account of the seeded rooms, messages and bots. */
  readonly chatAccountId?: string;
  readonly assignedNumber?: string;
}): Record<"Query" | "Mutation", Record<string, string>> {
  const account = `account { id name }`;
  const user = `user { id displayName }`;
  const groups = `input: { accountId: "${accountId}", groupNames: ["board-assistants"] }`;
  const ids = `accountId: "${accountId}", userId: "${userId}"`;
  const room = `accountId: "${chatAccountId}", roomId: "${SEED.roomId}"`;
  const bot = `accountId: "${chatAccountId}", botId: "${SEED.botId}"`;
  const member = seededUserId(largeAccount, 0);
  // In a small seed, the first 150 users of this account fill the room.
  const [guest, otherGuest] = [190, 191].map((n) => seededUserId(twoHundredAccount, n));
  const membership = "roomMembership { id member { memberId } }";
  /** Numbers of their own, so that the mutations can follow each other. */
  const freeNumber = (n: number) => `${SEED.freeNumber.slice(0, -1)}${n}`;
  const number = (n: number) => `phoneNumberId: "${freeNumber(n)}"`;
  const phoneNumber = `phoneNumber { id callingName }`;
  const bulkNumbers = `phoneNumbers { id } phoneNumberErrors { index } errors { code }`;
  return {
    Query: {
      account: `account(accountId: "${accountId}") { id name users { nodes { id } } user(userId: "${userId}") { id } }`,
      accounts: `accounts(first: 2) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } }`,
      user: `user(${ids}) { id account { id } }`,
      users: `users(accountId: "${accountId}", userIds: ["${userId}"]) { id }`,
      userByEmail: `userByEmail(email: "${email}") { id }`,
      node: `node(id: "${accountGlobalId(accountId)}") { __typename id }`,
      globalSettings: `globalSettings { id businessCalling { cdrBucket } voiceConnector { cdrBucket } }`,
      room: `room(${room}) { id name memberships { nodes { role member { user { id } bot { id } } } } }`,
      bot: `bot(${bot}) { id displayName securityToken eventsConfiguration { lambdaFunctionArn } }`,
      phoneNumber: `phoneNumber(phoneNumberId: "${assignedNumber}") { id associations { name value } account { id } user { id } }`,
      phoneNumbers: `phoneNumbers(first: 2) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } }`,
      phoneNumberSettings: `phoneNumberSettings { id callingName }`,
      phoneNumberOrder: `phoneNumberOrder(phoneNumberOrderId: "${SEED.orderId}") { id orderedPhoneNumbers { phoneNumber { id } } }`,
      phoneNumberOrders: `phoneNumberOrders { nodes { id } edges { cursor node { id } } pageInfo { endCursor } }`,
      availablePhoneNumbers: `availablePhoneNumbers(first: 2, areaCode: "919") { nodes { e164PhoneNumber } edges { cursor } }`,
      supportedPhoneNumberCountries: `supportedPhoneNumberCountries(productType: VOICE_CONNECTOR) { countryCode supportedPhoneNumberTypes }`,
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
      batchSuspendUser: `batchSuspendUser(input: { accountId: "${accountId}", userIdList: ["${userId}"] }) { users { id } userErrors { index } errors { code } }`,
      batchUnsuspendUser: `batchUnsuspendUser(input: { accountId: "${lwaAccountId}", userIdList: ["${seededUserId(twoHundredAccount, 0)}"] }) { users { id } userErrors { index } errors { code } }`,
      logoutUser: `logoutUser(input: { ${ids} }) { ${user} errors { code } }`,
      updateUserSettings: `updateUserSettings(input: { ${ids}, userSettings: { telephony: { inboundCalling: true, outboundCalling: false, sms: true } } }) { user { id settings { telephony { sms } } } errors { code } }`,
      resetPersonalPin: `resetPersonalPin(input: { ${ids} }) { user { personalPin } errors { code } }`,
      createRoom: `createRoom(input: { accountId: "${chatAccountId}", name: "New" }) { room { id name } errors { code } }`,
      updateRoom: `updateRoom(input: { ${room}, name: "Renamed" }) { room { id name } errors { code } }`,
      createRoomMembership: `createRoomMembership(input: { ${room}, memberId: "${guest}" }) { ${membership} errors { code } }`,
      batchCreateRoomMembership: `batchCreateRoomMembership(input: { ${room}, membershipItemList: [{ memberId: "${otherGuest}" }] }) { results { ${membership} } memberErrors { index } errors { code } }`,
      updateRoomMembership: `updateRoomMembership(input: { ${room}, memberId: "${member}", role: MEMBER }) { ${membership} errors { code } }`,
      deleteRoomMembership: `deleteRoomMembership(input: { ${room}, memberId: "${member}" }) { deletedId room { id } errors { code } }`,
      redactRoomMessage: `redactRoomMessage(input: { ${room}, messageId: "${SEED.messageId}" }) { room { id } errors { code } }`,
      redactConversationMessage: `redactConversationMessage(input: { accountId: "${chatAccountId}", conversationId: "${SEED.conversationId}", messageId: "${SEED.conversationMessageId}" }) { ${account} errors { code } }`,
      deleteRoom: `deleteRoom(input: { ${room} }) { deletedId errors { code } }`,
      createBot: `createBot(input: { accountId: "${chatAccountId}", displayName: "New" }) { bot { id securityToken } errors { code } }`,
      updateBot: `updateBot(input: { ${bot}, disabled: true }) { bot { id disabled } errors { code } }`,
      regenerateSecurityToken: `regenerateSecurityToken(input: { ${bot} }) { bot { id securityToken } errors { code } }`,
      putEventsConfiguration: `putEventsConfiguration(input: { ${bot}, outboundEventsHttpsEndpoint: "https://bots.example.com/" }) { bot { id eventsConfiguration { outboundEventsHttpsEndpoint } } errors { code } }`,
      deleteEventsConfiguration: `deleteEventsConfiguration(input: { ${bot} }) { bot { id } errors { code } }`,
      updatePhoneNumber: `updatePhoneNumber(input: { ${number(0)}, callingName: "Front Desk" }) { ${phoneNumber} errors { code } }`,
      batchUpdatePhoneNumber: `batchUpdatePhoneNumber(input: { updatePhoneNumberRequestItems: [{ ${number(1)}, callingName: "Front Desk" }] }) { ${bulkNumbers} }`,
      deletePhoneNumber: `deletePhoneNumber(input: { ${number(2)} }) { ${phoneNumber} errors { code } }`,
      batchDeletePhoneNumber: `batchDeletePhoneNumber(input: { phoneNumberIds: ["${freeNumber(3)}"] }) { ${bulkNumbers} }`,
      restorePhoneNumber: `restorePhoneNumber(input: { phoneNumberId: "${SEED.deletedNumber}" }) { ${phoneNumber} errors { code } }`,
      associatePhoneNumberWithUser: `associatePhoneNumberWithUser(input: { accountId: "${accountId}", userId: "${seededUserId(0, 1)}", e164PhoneNumber: "${freeNumber(4)}" }) { ${user} ${phoneNumber} errors { code } }`,
      disassociatePhoneNumberFromUser: `disassociatePhoneNumberFromUser(input: { ${ids} }) { user { id phoneNumber { id } } errors { code } }`,
      updatePhoneNumberSettings: `updatePhoneNumberSettings(input: { callingName: "Main Line" }) { phoneNumberSettings { id callingName } errors { code } }`,
      createPhoneNumberOrder: `createPhoneNumberOrder(input: { productType: BUSINESS_CALLING, e164PhoneNumbers: ["+19195550100"] }) { phoneNumberOrder { id status } errors { code } }`,
      createMeetingDialOut: `createMeetingDialOut(input: { meetingId: "0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11", fromPhoneNumber: "${SEED.freeNumber}", toPhoneNumber: "+12065550199", joinToken: "token" }) { transactionId errors { code } }`,
      associateSigninDelegateGroupsWithAccount: `associateSigninDelegateGroupsWithAccount(${groups}) { ${account} errors { code } }`,
      disassociateSigninDelegateGroupsFromAccount: `disassociateSigninDelegateGroupsFromAccount(${groups}) { ${account} errors { code } }`,
    },
  };
}
