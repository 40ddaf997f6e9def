import { camelName } from "../../src/chime-api/names.js";
import { operations } from "../../src/chime-api/operations.js";
import type { OperationName } from "../../src/chime-api/types.js";

/** The members of a write's request: each is in the input, under its name in camelCase. */
const requestOf = (operation: OperationName): Record<string, string> =>
  Object.fromEntries(
    Array.from(operations[operation].input.members.keys(), (member) => [
      member,
      `${operation}Input.${camelName(member)}`,
    ]),
  );

/** The writes of rooms, memberships, messages and bots, with their responses' members. */
const writes: Partial<Record<OperationName, Record<string, string>>> = {
  CreateRoom: { Room: "CreateRoomPayload.room" },
  UpdateRoom: { Room: "UpdateRoomPayload.room" },
  DeleteRoom: {},
  CreateRoomMembership: { RoomMembership: "CreateRoomMembershipPayload.roomMembership" },
  BatchCreateRoomMembership: { Errors: "BatchCreateRoomMembershipPayload.memberErrors" },
  UpdateRoomMembership: { RoomMembership: "UpdateRoomMembershipPayload.roomMembership" },
  DeleteRoomMembership: {},
  RedactRoomMessage: {},
  RedactConversationMessage: {},
  CreateBot: { Bot: "CreateBotPayload.bot" },
  UpdateBot: { Bot: "UpdateBotPayload.bot" },
  RegenerateSecurityToken: { Bot: "RegenerateSecurityTokenPayload.bot" },
  PutEventsConfiguration: { EventsConfiguration: "Bot.eventsConfiguration" },
  DeleteEventsConfiguration: {},
};

const members = (type: string, names: string): Record<string, string> =>
  Object.fromEntries(names.split(" ").map((name) => [name, `${type}.${camelName(name)}`] as const));

/** Where the schema has the members of Chime's rooms, memberships, messages and bots: see contract.test.ts. */
export const chatMembers: Record<string, Record<string, string>> = {
  Room: members("Room", "RoomId Name AccountId CreatedBy CreatedTimestamp UpdatedTimestamp"),
  RoomMembership: members("RoomMembership", "RoomId Member Role InvitedBy UpdatedTimestamp"),
  Member: members("Member", "MemberId MemberType Email FullName AccountId"),
  MembershipItem: members("MembershipItem", "MemberId Role"),
  MemberError: members("MemberError", "MemberId ErrorCode ErrorMessage"),
  Bot: members(
    "Bot",
    "BotId UserId DisplayName BotType Disabled CreatedTimestamp UpdatedTimestamp BotEmail SecurityToken",
  ),
  EventsConfiguration: members("EventsConfiguration", "BotId OutboundEventsHTTPSEndpoint LambdaFunctionArn"),
  GetRoomRequest: { AccountId: "Query.room(accountId)", RoomId: "Query.room(roomId)" },
  GetRoomResponse: { Room: "Query.room" },
  ListRoomsRequest: {
    AccountId: "Account.accountId",
    MemberId: "Account.rooms(memberId)",
    MaxResults: "Account.rooms(first)",
    NextToken: "Account.rooms(after)",
  },
  ListRoomsResponse: { Rooms: "RoomConnection.nodes", NextToken: "PageInfo.endCursor" },
  ListRoomMembershipsRequest: {
    AccountId: "Room.accountId",
    RoomId: "Room.roomId",
    MaxResults: "Room.memberships(first)",
    NextToken: "Room.memberships(after)",
  },
  ListRoomMembershipsResponse: {
    RoomMemberships: "RoomMembershipConnection.nodes",
    NextToken: "PageInfo.endCursor",
  },
  GetBotRequest: { AccountId: "Query.bot(accountId)", BotId: "Query.bot(botId)" },
  GetBotResponse: { Bot: "Query.bot" },
  ListBotsRequest: {
    AccountId: "Account.accountId",
    MaxResults: "Account.bots(first)",
    NextToken: "Account.bots(after)",
  },
  ListBotsResponse: { Bots: "BotConnection.nodes", NextToken: "PageInfo.endCursor" },
  GetEventsConfigurationRequest: { AccountId: "Bot.accountId", BotId: "Bot.botId" },
  GetEventsConfigurationResponse: { EventsConfiguration: "Bot.eventsConfiguration" },
  ...Object.fromEntries(
    Object.entries(writes).flatMap(([operation, response]) => [
      [`${operation}Request`, requestOf(operation as OperationName)],
      ...(operations[operation as OperationName].output.name === "Unit"
        ? []
        : [[`${operation}Response`, response] as const]),
    ]),
  ),
};
