import { RoomMembershipRole } from "@aws-sdk/client-chime";
import { saveMessage } from "../operations/messages.js";
import type { Membership } from "../operations/roomMemberships.js";
import { callerArn, type StoredRoom } from "../operations/rooms.js";
import { idOf } from "../store/ids.js";
import type { Store } from "../store/store.js";
import { seededBotId } from "./bots.js";
import { largeAccount, seededAccountId, seededUserId, smallAccount, twoHundredAccount } from "./ids.js";

const { Administrator, Member } = RoomMembershipRole;

const sites = "Boston Chicago Dallas Denver Houston Miami Oakland Portland Seattle Tacoma".split(" ");
const teams =
  "Arrivals,Break room,Customs,Drivers,Fleet,Invoices,Loading dock,Night shift,Returns,Safety,Storage,Training".split(
    ",",
  );

/** 120 rooms are two pages of the largest size. */
const largeAccountRooms = [
  "Dispatch",
  ...teams.flatMap((team) => sites.map((site) => `${site} ${team}`)).slice(1),
];

/** Rooms with their accounts. The nth has the id `seededRoomId(n)`. */
const roomSeeds = [
  ...largeAccountRooms.map((Name) => ({ Name, account: largeAccount })),
  ...["Library", "Faculty", "Admissions"].map((Name) => ({ Name, account: twoHundredAccount })),
  { Name: "Reception", account: smallAccount },
];

export const seededRoomId = (n: number): string => idOf("seeded-room", n);
export const seededMessageId = (n: number): string => idOf("seeded-message", n);
export const seededConversationId = idOf("seeded-conversation", 0);

const dispatch = seededRoomId(0);
/** Beside the bot. */
const dispatchUsers = 149;
const administrators = 2;

const hour = 60 * 60_000;
const firstDay = Date.UTC(2020, 2, 3, 9);

/** Users in each room of the account of 200, which are not in "Dispatch". */
const smallRoomUsers = 6;
const firstInSmallRooms = 150;

/** The members of "Dispatch" are users of the large account, and of the next account if there are not enough. */
export function seedRooms(store: Store, largeAccountUsers: number): void {
  const rooms = store.collection<StoredRoom>("room");
  for (const [n, { Name, account }] of roomSeeds.entries()) {
    const [AccountId, RoomId] = [seededAccountId(account), seededRoomId(n)];
    const created = new Date(firstDay + n * hour);
    rooms.save(AccountId, RoomId, {
      RoomId,
      Name,
      AccountId,
      CreatedBy: callerArn,
      CreatedTimestamp: created,
      UpdatedTimestamp: created,
    });
  }

  const memberships = store.collection<Membership>("membership");
  const join = (memberId: string, Role: RoomMembershipRole, room = dispatch) =>
    memberships.save(room, memberId, {
      Role,
      InvitedBy: callerArn,
      UpdatedTimestamp: new Date(firstDay),
    });
  for (let n = 0; largeAccountUsers > 0 && n < dispatchUsers; n++) {
    const userId =
      n < largeAccountUsers
        ? seededUserId(largeAccount, n)
        : seededUserId(twoHundredAccount, n - largeAccountUsers);
    join(userId, n < administrators ? Administrator : Member);
  }
  join(seededBotId(0), Member);
  for (const [n, { account }] of roomSeeds.entries())
    for (let member = 0; account === twoHundredAccount && member < smallRoomUsers; member++) {
      const user = firstInSmallRooms + (n % 3) * smallRoomUsers + member;
      join(seededUserId(account, user), member === 0 ? Administrator : Member, seededRoomId(n));
    }
  seedMessages(store);
}

/** Three in "Dispatch", two in a conversation. */
function seedMessages(store: Store): void {
  const AccountId = seededAccountId(largeAccount);
  for (let n = 0; n < 5; n++) {
    const place = n < 3 ? { RoomId: dispatch } : { ConversationId: seededConversationId };
    saveMessage(store, seededMessageId(n), { AccountId, ...place });
  }
}
