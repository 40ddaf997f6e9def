import { SEED } from "../../src/chime-local/seed/index.js";
import { read, write } from "./canaryRequests.js";
import { phoneNumberOperations, phoneNumberValues } from "./phoneNumberCanaries.js";

const { teamAccountId, largeAccountId, userId, sharedDeviceUserId, userEmail, roomId, botId } = SEED;

/** The address that requests send where it does not belong. */
export const email = "canary-person@private.example.com";
/** Personal data, no value of which is part of any other text. */
const personal = {
  emails: [email, ...Array.from({ length: 9 }, (_, n) => `canary-${n}-person@private.example.com`)],
  usernames: ["Quilla Featherstone", "Ossian Brandywine"],
  accountNames: ["Featherweight Holdings", "Brandywine Partners"],
  roomArns: [7001, 7002, 7003].map((room) => `arn:aws:a4b:us-east-1:111122223333:room/canary/${room}`),
  groups: ["canary-directors", "canary-assistants"],
  buckets: ["canary-call-records", "canary-connector-records"],
  rooms: ["Quillwork Huddle", "Brandywine Huddle"],
  bots: ["Quillbot Featherline"],
  destinations: [
    "https://bots.example.com/canary-endpoint-secret",
    "arn:aws:lambda:us-east-1:111122223333:function:canary-function",
  ],
} as const;
const { emails, usernames, accountNames, roomArns, groups, buckets, rooms, bots, destinations } = personal;
export const personalValues: readonly string[] = [...Object.values(personal).flat(), ...phoneNumberValues];

/** Personal by Chime's model, and never in a response. */
export const clientRequestToken = "canary-idempotency-token";

/** Headers of every request. */
export const secrets = {
  authorization: "Bearer canary-bearer-token",
  "x-router-secret": "canary-router-secret",
  "x-api-key": "canary-api-key",
  cookie: "session=canary-session",
};

const everything = `id userId primaryEmail primaryProvisionedNumber displayName licenseType personalPin
  alexaForBusinessMetadata { alexaForBusinessRoomArn } settings { telephony { sms } }`;
const errors = "errors { code message path }";

const everyBucket = "businessCalling { cdrBucket } voiceConnector { cdrBucket }";
const bulkResults = `outcome results { userId outcome user { ${everything} } error { code message path } }
  users { ${everything} } userErrors { index userId errorCode errorMessage } ${errors}`;

const everyMembership = `member { memberId email fullName user { ${everything} } bot { botId } } invitedBy`;
const everyRoom = `id name createdBy memberships { nodes { ${everyMembership} } }`;
const everyBot = `id displayName botEmail securityToken
  eventsConfiguration { outboundEventsHttpsEndpoint lambdaFunctionArn }`;
const room = { accountId: largeAccountId, roomId };
const bot = { accountId: largeAccountId, botId };

/** Every operation of the schema, with all personal data in its response and in its variables. */
export const operations: Record<string, { query: string; variables?: object }> = {
  createAccount: write("createAccount", `account { name } ${errors}`, { name: accountNames[0] }),
  createUser: write("createUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    email,
    username: usernames[0],
  }),
  createDevice: write("createUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    username: usernames[1],
    userType: "SHARED_DEVICE",
  }),
  updateAccount: write("updateAccount", `account { name } ${errors}`, {
    accountId: teamAccountId,
    name: accountNames[1],
  }),
  updateUser: write("updateUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    userId: sharedDeviceUserId,
    alexaForBusinessMetadata: { alexaForBusinessRoomArn: roomArns[0], isAlexaForBusinessEnabled: true },
  }),
  batchUpdateUser: write(
    "batchUpdateUser",
    `outcome results { outcome user { ${everything} } error { code message path } }
      users { ${everything} } userErrors { index errorCode errorMessage } ${errors}`,
    {
      accountId: teamAccountId,
      updateUserRequestItems: [userId, SEED.suspendedUserId, "nobody"].map((id, n) => ({
        userId: id,
        alexaForBusinessMetadata: {
          alexaForBusinessRoomArn: roomArns[n % 2 === 0 ? 1 : 2],
          isAlexaForBusinessEnabled: true,
        },
      })),
    },
  ),
  inviteUsers: write(
    "inviteUsers",
    `results { emailAddress outcome invite { emailAddress } error { code message path } }
      invites { emailAddress } inviteErrors { index errorCode errorMessage emailAddress } ${errors}`,
    { accountId: teamAccountId, userEmailList: [...emails.slice(1), `@${usernames[0]}`] },
  ),
  resetPersonalPin: write("resetPersonalPin", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    userId,
  }),
  batchSuspendUser: write("batchSuspendUser", bulkResults, {
    accountId: teamAccountId,
    userIdList: [SEED.suspendedUserId, "nobody", email],
  }),
  batchUnsuspendUser: write("batchUnsuspendUser", bulkResults, {
    accountId: SEED.twoHundredAccountId,
    userIdList: ["nobody", email],
  }),
  logoutUser: write("logoutUser", `user { ${everything} } ${errors}`, { accountId: teamAccountId, userId }),
  updateUserSettings: write("updateUserSettings", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    userId,
    userSettings: { telephony: { inboundCalling: true, outboundCalling: true, sms: true } },
  }),
  updateAccountSettings: write(
    "updateAccountSettings",
    `account { name settings { enableDialOut } } ${errors}`,
    {
      accountId: teamAccountId,
      accountSettings: { enableDialOut: true },
    },
  ),
  putRetentionSettings: write(
    "putRetentionSettings",
    `account { name retentionSettings { initiateDeletionTimestamp } } ${errors}`,
    {
      accountId: largeAccountId,
      mayDelete: true,
      retentionSettings: {
        roomRetentionSettings: { retentionDays: 30 },
        conversationRetentionSettings: { retentionDays: 30 },
      },
    },
  ),
  deleteAccount: write("deleteAccount", `deletedId ${errors}`, {
    accountId: SEED.emptyAccountId,
    confirmName: accountNames[1],
  }),
  updateGlobalSettings: write("updateGlobalSettings", `globalSettings { ${everyBucket} } ${errors}`, {
    businessCalling: { cdrBucket: buckets[0] },
    voiceConnector: { cdrBucket: buckets[1] },
  }),
  globalSettings: read(`globalSettings { ${everyBucket} }`),
  createRoom: write("createRoom", `room { ${everyRoom} } ${errors}`, {
    accountId: largeAccountId,
    name: rooms[0],
    clientRequestToken,
  }),
  updateRoom: write("updateRoom", `room { ${everyRoom} } ${errors}`, { ...room, name: rooms[1] }),
  createRoomMembership: write("createRoomMembership", `roomMembership { ${everyMembership} } ${errors}`, {
    ...room,
    memberId: userId,
  }),
  batchCreateRoomMembership: write(
    "batchCreateRoomMembership",
    `results { roomMembership { ${everyMembership} } error { code message path } }
      roomMemberships { ${everyMembership} } memberErrors { index memberId errorCode errorMessage } ${errors}`,
    { ...room, membershipItemList: [{ memberId: sharedDeviceUserId }, { memberId: email }] },
  ),
  updateRoomMembership: write("updateRoomMembership", `roomMembership { ${everyMembership} } ${errors}`, {
    ...room,
    memberId: userId,
    role: "ADMINISTRATOR",
  }),
  deleteRoomMembership: write("deleteRoomMembership", `deletedId room { ${everyRoom} } ${errors}`, {
    ...room,
    memberId: userId,
  }),
  redactRoomMessage: write("redactRoomMessage", `room { ${everyRoom} } ${errors}`, {
    ...room,
    messageId: SEED.messageId,
  }),
  redactConversationMessage: write("redactConversationMessage", `account { name } ${errors}`, {
    accountId: largeAccountId,
    conversationId: SEED.conversationId,
    messageId: SEED.conversationMessageId,
  }),
  createBot: write("createBot", `bot { ${everyBot} } ${errors}`, {
    accountId: largeAccountId,
    displayName: bots[0],
    domain: "meridian.example.com",
  }),
  updateBot: write("updateBot", `bot { ${everyBot} } ${errors}`, { ...bot, disabled: false }),
  regenerateSecurityToken: write("regenerateSecurityToken", `bot { ${everyBot} } ${errors}`, bot),
  putEventsConfiguration: write("putEventsConfiguration", `bot { ${everyBot} } ${errors}`, {
    ...bot,
    outboundEventsHttpsEndpoint: destinations[0],
  }),
  putLambda: write("putEventsConfiguration", `bot { ${everyBot} } ${errors}`, {
    ...bot,
    lambdaFunctionArn: destinations[1],
  }),
  room: read(`room(accountId: "${largeAccountId}", roomId: "${roomId}") { ${everyRoom} }`),
  bot: read(
    `bot(accountId: "${largeAccountId}", botId: "${botId}") { ${everyBot} rooms { nodes { name } } }`,
  ),
  roomsAndBots: read(
    `account(accountId: "${largeAccountId}") { rooms { nodes { name } } bots { nodes { ${everyBot} } } }`,
  ),
  deleteEventsConfiguration: write("deleteEventsConfiguration", `bot { ${everyBot} } ${errors}`, bot),
  deleteRoom: write("deleteRoom", `deletedId ${errors}`, room),
  associate: write(
    "associateSigninDelegateGroupsWithAccount",
    `account { signinDelegateGroups { groupName } } ${errors}`,
    { accountId: largeAccountId, groupNames: groups },
  ),
  disassociate: write(
    "disassociateSigninDelegateGroupsFromAccount",
    `account { signinDelegateGroups { groupName } } ${errors}`,
    { accountId: largeAccountId, groupNames: groups },
  ),
  account: read(
    `account(accountId: "${teamAccountId}") { name users(first: 30) { edges { cursor node { ${everything} } } } }`,
  ),
  accounts: read(
    `accounts(namePrefix: "${accountNames[0]}", userEmail: "${email}") { nodes { name } pageInfo { endCursor } }`,
  ),
  usersOfAccount: read(
    `account(accountId: "${teamAccountId}") { users(userEmail: "${email}") { nodes { ${everything} } } user(userId: "${userId}") { ${everything} } }`,
  ),
  filteredUsers: {
    query: `query ($filter: UserFilter) {
      account(accountId: "${teamAccountId}") { users(filter: $filter) { nodes { ${everything} } } userSummary { total } }
    }`,
    variables: {
      filter: {
        displayNameContains: usernames[0],
        primaryEmailContains: email,
        emailDomain: "private.example.com",
        hasPhoneNumber: false,
      },
    },
  },
  user: read(`user(accountId: "${teamAccountId}", userId: "${userId}") { ${everything} account { name } }`),
  users: read(
    `users(accountId: "${teamAccountId}", userIds: ["${userId}", "${sharedDeviceUserId}"]) { ${everything} }`,
  ),
  userByEmail: read(`userByEmail(email: "${userEmail}") { ${everything} }`),
  node: read(`node(id: "${globalId(teamAccountId, userId)}") { ... on User { ${everything} } }`),
  nodes: read(`nodes(ids: ["${globalId(teamAccountId, userId)}"]) { ... on User { ${everything} } }`),
  ...phoneNumberOperations,
  entities: {
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { ${everything} } } }`,
    variables: {
      representations: [
        { __typename: "User", primaryEmail: userEmail },
        { __typename: "User", accountId: teamAccountId, userId: sharedDeviceUserId },
      ],
    },
  },
};

function globalId(accountId: string, id: string): string {
  return Buffer.from(`User:${accountId}:${id}`).toString("base64url");
}

const create = operations["createUser"]?.query;
const name = `query Name($id: ID!) { account(accountId: $id) { name } }`;
/** Inputs that are refused, each with personal data where it does not belong. */
export const refused: Record<string, object> = {
  "as an id": { query: name, variables: { id: email } },
  "as a cursor": { query: `{ accounts(after: "${email}") { nodes { name } } }` },
  "as a page's length": { query: `{ accounts(first: "${email}") { nodes { name } } }` },
  "as a page's length, in a variable": {
    query: "query ($first: Int) { accounts(first: $first) { nodes { name } } }",
    variables: { first: email },
  },
  "as the name of a field": { query: create, variables: { input: { accountId: "a", [email]: 1 } } },
  "as the name of a field of something deeper": {
    query: operations["batchUpdateUser"]?.query,
    variables: { input: { accountId: "a", updateUserRequestItems: [{ userId: "u", [email]: 1 }] } },
  },
  "as an enum's value": { query: create, variables: { input: { accountId: "a", userType: email } } },
  "as an enum's value, in the text": {
    query: `mutation { createUser(input: { accountId: "a", userType: "${usernames[0]}" }) { ${errors} } }`,
  },
  "in place of an input": { query: create, variables: { input: email } },
  "in place of an input, in the text": {
    query: `mutation { createUser(input: "${email}") { ${errors} } }`,
  },
  "in a list of other things": { query: create, variables: { input: { accountId: "a", email: [email] } } },
  "as an invalid address": {
    query: create,
    variables: { input: { accountId: "a", email: `${usernames[0]} <${email}>` } },
  },
  "as a scalar in the text": { query: `{ userByEmail(email: ["${email}"]) { userId } }` },
  "where the syntax has no place for it": { query: `{ accounts "${email}" { nodes { name } } }` },
  "in a text that does not end": { query: `{ userByEmail(email: "${email}) { userId } }` },
  "as an operation's name": { query: name, operationName: email },
  "as a type of an entity": {
    query: operations["entities"]?.query,
    variables: { representations: [{ __typename: email, primaryEmail: email }] },
  },
  "as a persisted query's hash": { extensions: { persistedQuery: { version: 1, sha256Hash: email } } },
  "as a persisted query's version": { extensions: { persistedQuery: { version: email, sha256Hash: "a" } } },
  "as variables": { query: name, variables: email },
  "as the query": { query: [email] },
};
