import type { Operations } from "../../chime-api/types.js";
import { notFound } from "../errors.js";
import type { Collection } from "../store/records.js";
import type { Store } from "../store/store.js";
import { findEnterpriseAccount } from "./accounts.js";
import { findRoom } from "./rooms.js";

/** A message without content: Chime's API neither creates nor returns messages. It is in a room or a conversation. */
export interface Message {
  readonly AccountId: string;
  readonly RoomId?: string | undefined;
  readonly ConversationId?: string | undefined;
  readonly RedactedTimestamp?: Date;
}

export function messageOperations(store: Store) {
  const { ofRooms, ofConversations } = messageCollections(store);

  /** Assumption: another redaction of the same message changes nothing. */
  function redact(messages: Collection<Message>, owner: string, id: string, message: Message | undefined) {
    if (!message) throw notFound("There is no message with this MessageId.");
    messages.save(owner, id, { RedactedTimestamp: store.now(), ...message });
    return {};
  }

  return {
    RedactRoomMessage({ AccountId, RoomId, MessageId }) {
      findRoom(store, AccountId, RoomId);
      return redact(ofRooms, RoomId, MessageId, ofRooms.find(RoomId, MessageId));
    },

    /** Assumption: for Enterprise accounts only, as the Administration Guide describes their console. */
    RedactConversationMessage({ AccountId, ConversationId, MessageId }) {
      findEnterpriseAccount(store, AccountId);
      const message = ofConversations.find(AccountId, MessageId);
      const isInConversation = message?.ConversationId === ConversationId;
      return redact(ofConversations, AccountId, MessageId, isInConversation ? message : undefined);
    },
  } satisfies Partial<Operations>;
}

/** Messages of rooms belong to the room, those of conversations to the account: they are removed with it. */
function messageCollections(store: Store) {
  return {
    ofRooms: store.collection<Message>("roomMessage"),
    ofConversations: store.collection<Message>("conversationMessage"),
  };
}

export function saveMessage(store: Store, messageId: string, message: Message): void {
  const { ofRooms, ofConversations } = messageCollections(store);
  if (message.RoomId === undefined) ofConversations.save(message.AccountId, messageId, message);
  else ofRooms.save(message.RoomId, messageId, message);
}

/** @returns their ids */
export function createMessages(store: Store, message: Message, count: number): string[] {
  const ids = Array.from({ length: count }, () => store.nextId("message"));
  for (const messageId of ids) saveMessage(store, messageId, message);
  return ids;
}

/** All messages, those of rooms first. */
export function listMessages(store: Store) {
  const { ofRooms, ofConversations } = messageCollections(store);
  return [...ofRooms.listAll(), ...ofConversations.listAll()];
}
