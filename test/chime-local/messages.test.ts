import { RedactConversationMessageCommand, RedactRoomMessageCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, failures, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { largeAccountId, smallAccountId, teamAccountId, roomId, messageId, conversationId } = SEED;
const { conversationMessageId } = SEED;

const redactInRoom = (AccountId: string, RoomId: string, MessageId: string) =>
  output(chime.client.send(new RedactRoomMessageCommand({ AccountId, RoomId, MessageId })));
const redactInConversation = (AccountId: string, ConversationId: string, MessageId: string) =>
  output(chime.client.send(new RedactConversationMessageCommand({ AccountId, ConversationId, MessageId })));

async function control(method: string, body?: object) {
  const response = await chime.http(method, "/_local/messages", body ? { body } : {});
  return { status: response.status, ...JSON.parse(response.body) };
}
const redacted = async (): Promise<string[]> =>
  (await control("GET")).messages.flatMap((message: { messageId: string; isRedacted: boolean }) =>
    message.isRedacted ? [message.messageId] : [],
  );

test("three messages of a room and two of a conversation are seeded", async () => {
  const { messages } = await control("GET");
  const common = { accountId: largeAccountId, messageId: expect.any(String), isRedacted: false };
  expect(messages).toEqual([
    { ...common, messageId, roomId },
    { ...common, roomId },
    { ...common, roomId },
    { ...common, messageId: conversationMessageId, conversationId },
    { ...common, conversationId },
  ]);
});

test("a message is redacted in its room or conversation, and another redaction changes nothing", async () => {
  expect(await redactInRoom(largeAccountId, roomId, messageId)).toEqual({});
  expect(await redacted()).toEqual([messageId]);
  expect(await redactInConversation(largeAccountId, conversationId, conversationMessageId)).toEqual({});
  expect(await redacted()).toEqual([messageId, conversationMessageId]);
  expect(await redactInRoom(largeAccountId, roomId, messageId)).toEqual({});
  expect(await redactInConversation(largeAccountId, conversationId, conversationMessageId)).toEqual({});
  expect(await redacted()).toEqual([messageId, conversationMessageId]);
});

test("a message is not found in another room, conversation or account", async () => {
  const { ids } = await control("POST", { accountId: smallAccountId, conversationId: "c", count: 1 });
  const errors = await failures([
    redactInRoom(largeAccountId, roomId, "unknown"),
    redactInRoom(largeAccountId, roomId, conversationMessageId),
    redactInRoom(largeAccountId, "unknown", messageId),
    redactInRoom(smallAccountId, roomId, messageId),
    redactInRoom("unknown", roomId, messageId),
    redactInConversation(largeAccountId, conversationId, messageId),
    redactInConversation(largeAccountId, "unknown", conversationMessageId),
    redactInConversation(smallAccountId, conversationId, conversationMessageId),
    redactInConversation(smallAccountId, conversationId, ids[0]),
    redactInConversation("unknown", conversationId, conversationMessageId),
  ]);
  for (const error of errors) expect(error).toMatchObject({ name: "NotFoundException", Code: "NotFound" });
  expect(await redacted()).toEqual([]);
});

test("Team accounts have no messages to redact", async () => {
  const forbidden = { name: "ForbiddenException", status: 403, Code: "Forbidden" };
  expect(await failure(redactInRoom(teamAccountId, roomId, messageId))).toMatchObject(forbidden);
  expect(
    await failure(redactInConversation(teamAccountId, conversationId, conversationMessageId)),
  ).toMatchObject(forbidden);
});

test("the control endpoint creates messages in a room, and in a new conversation", async () => {
  const inRoom = await control("POST", { accountId: largeAccountId, roomId, count: 2 });
  const inConversation = await control("POST", { accountId: smallAccountId, conversationId: "c", count: 1 });
  expect(inRoom).toEqual({ status: 200, ids: [expect.any(String), expect.any(String)] });
  await redactInRoom(largeAccountId, roomId, inRoom.ids[1]);
  await redactInConversation(smallAccountId, "c", inConversation.ids[0]);
  expect(await redacted()).toEqual([inRoom.ids[1], inConversation.ids[0]]);
  await chime.http("POST", "/_local/reset");
  expect((await control("GET")).messages).toHaveLength(5);
});

test.each([
  [{ accountId: "unknown", roomId, count: 1 }, 404, "accountId is not the id of an account"],
  [{ accountId: smallAccountId, roomId, count: 1 }, 404, "roomId is not the id of a room of this account"],
  [
    { accountId: teamAccountId, conversationId, count: 1 },
    400,
    "accountId is the id of a Team account, which has no messages",
  ],
  [{ accountId: largeAccountId, count: 1 }, 400, "The body must have either roomId or conversationId"],
  [
    { accountId: largeAccountId, roomId, conversationId, count: 1 },
    400,
    "The body must have either roomId or conversationId",
  ],
  [
    { accountId: largeAccountId, conversationId: "a/b", count: 1 },
    400,
    "conversationId must be 1 to 128 letters, digits, '-' or '_'",
  ],
  [{ accountId: largeAccountId, roomId, count: 0 }, 400, "count must be at least 1"],
])("the control endpoint refuses %j", async (body, status, problem) => {
  expect(await control("POST", body)).toEqual({ status, problems: [problem] });
});
