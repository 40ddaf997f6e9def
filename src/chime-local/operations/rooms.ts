import type { Room } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, notFound, resourceLimit } from "../errors.js";
import { awsAccountId, type Store } from "../store/store.js";
import { findAccount, findEnterpriseAccount } from "./accounts.js";
import { type Listing, readPage } from "./paging.js";

export type StoredRoom = Required<{ [Member in keyof Room]: Exclude<Room[Member], undefined> }>;

/** The room that CreateRoom created for a ClientRequestToken. */
interface UsedToken {
  readonly RoomId: string;
  readonly Name: string;
}

/** Source: AWS General Reference, "Amazon Chime endpoints and quotas". */
const maxRooms = 1500;
/** Assumption: AWS doesn't document the default of MaxResults. */
export const roomPageSize = 50;
/** CreatedBy and InvitedBy of AWS's CLI examples are the ARN of the IAM user that sent the request. */
export const callerArn = `arn:aws:iam::${awsAccountId}:user/local`;

/** @throws NotFoundException, ForbiddenException for a Team account */
export function findRoom(store: Store, accountId: string, roomId: string): StoredRoom {
  const room = store.collection<StoredRoom>("room").find(accountId, roomId);
  if (room) return room;
  findEnterpriseAccount(store, accountId);
  throw noRoom();
}

const noRoom = () => notFound("There is no room with this RoomId in the account.");

export function roomOperations(store: Store) {
  const rooms = store.collection<StoredRoom>("room");
  const tokens = store.collection<UsedToken>("roomToken");

  function createRoom(accountId: string, Name: string): StoredRoom {
    if (rooms.count(accountId) >= maxRooms) throw resourceLimit(`The account has ${maxRooms} rooms.`);
    const now = store.now();
    const room: StoredRoom = {
      RoomId: store.nextId("room"),
      Name,
      AccountId: accountId,
      CreatedBy: callerArn,
      CreatedTimestamp: now,
      UpdatedTimestamp: now,
    };
    rooms.save(accountId, room.RoomId, room);
    return room;
  }

  /** @returns the room that a token created before */
  function findCreated(accountId: string, token: string, name: string): StoredRoom | undefined {
    const used = tokens.find(accountId, token);
    const room = used && rooms.find(accountId, used.RoomId);
    if (room && used.Name !== name)
      throw badRequest("The ClientRequestToken was used for a room with another name.");
    return room;
  }

  return {
    /**
     * Assumption: a ClientRequestToken never expires, and its room is returned as it is now; after the deletion of its
     * room it can create another one.
     */
    CreateRoom({ AccountId, Name, ClientRequestToken: token }) {
      findEnterpriseAccount(store, AccountId);
      requireName(Name);
      const Room = (token && findCreated(AccountId, token, Name)) || createRoom(AccountId, Name);
      if (token) tokens.save(AccountId, token, { RoomId: Room.RoomId, Name });
      return { Room };
    },

    /** Assumption: a Team account has no rooms to find, so the error is not ForbiddenException. */
    GetRoom({ AccountId, RoomId }) {
      const Room = rooms.find(AccountId, RoomId);
      if (Room) return { Room };
      findAccount(store, AccountId);
      throw noRoom();
    },

    /** Assumption: without a Name nothing changes. */
    UpdateRoom({ AccountId, RoomId, Name }) {
      const room = findRoom(store, AccountId, RoomId);
      if (Name === undefined) return { Room: room };
      requireName(Name);
      const updated = { ...room, Name, UpdatedTimestamp: store.now() };
      rooms.save(AccountId, RoomId, updated);
      return { Room: updated };
    },

    /** The memberships and messages of a room are removed with it. */
    DeleteRoom({ AccountId, RoomId }) {
      findRoom(store, AccountId, RoomId);
      for (const kind of ["membership", "roomMessage"]) store.collection(kind).removeAll(RoomId);
      rooms.remove(AccountId, RoomId);
      return {};
    },

    /** Assumption: in the order of creation; an unknown MemberId has no rooms. */
    ListRooms({ AccountId, MemberId, MaxResults = roomPageSize, NextToken }) {
      findEnterpriseAccount(store, AccountId);
      const listing: Listing = ["ListRooms", AccountId, MemberId];
      const { page, NextToken: next } = readPage(listing, { MaxResults, NextToken }, (afterSeq, limit) =>
        MemberId === undefined
          ? rooms.list(AccountId, afterSeq, limit)
          : rooms.listOwnersOf({ kind: "membership", id: MemberId }, AccountId, afterSeq, limit),
      );
      return { Rooms: page.map(({ body }) => body), NextToken: next };
    },
  } satisfies Partial<Operations>;
}

/** Assumption: AWS documents that a name is required, not that it must not be blank. */
function requireName(name: string): void {
  if (!name.trim()) throw badRequest("Name must not be blank.");
}
