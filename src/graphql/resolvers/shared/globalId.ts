import type { UserKey } from "../../../chime/models.js";

/** The ids in each type's global id, in this order. */
export const idNames = {
  Account: ["accountId"],
  User: ["accountId", "userId"],
  Room: ["accountId", "roomId"],
  Bot: ["accountId", "botId"],
} as const;

export type TypeWithId = keyof typeof idNames;

/** Chime's own ids of an object of this type. */
export type KeyOf<Type extends TypeWithId> = { readonly [Name in (typeof idNames)[Type][number]]: string };

/** The object that a global id identifies. */
type GlobalKey = { [Type in TypeWithId]: KeyOf<Type> & { readonly type: Type } }[TypeWithId];

/** Chime's own ids of a membership. */
export interface MembershipKey extends KeyOf<"Room"> {
  readonly memberId: string;
}

const encode = (...parts: string[]): string => Buffer.from(parts.join(":")).toString("base64url");

export const accountGlobalId = (accountId: string): string => encode("Account", accountId);

export const userGlobalId = ({ accountId, userId }: UserKey): string => encode("User", accountId, userId);

export const roomGlobalId = ({ accountId, roomId }: KeyOf<"Room">): string =>
  encode("Room", accountId, roomId);

export const botGlobalId = ({ accountId, botId }: KeyOf<"Bot">): string => encode("Bot", accountId, botId);

/** For client caches only: no field finds a membership by this id. */
export const membershipGlobalId = ({ accountId, roomId, memberId }: MembershipKey): string =>
  encode("RoomMembership", accountId, roomId, memberId);

/** The id of a singleton, for client caches; not the id of a node. */
export const globalSettingsId = encode("GlobalSettings");

/** Two ids of 128 characters, and the type, take up to 355. Decoding longer texts takes time. */
const maxLength = 400;

const decode = (id: string): string[] =>
  id.length > maxLength ? [] : Buffer.from(id, "base64url").toString().split(":");

/** @returns undefined for an id that the gateway did not make, or by which nothing is looked up */
export function parseGlobalId(id: string): GlobalKey | undefined {
  const [type = "", ...ids] = decode(id);
  if (!Object.hasOwn(idNames, type)) return undefined;
  const names = idNames[type as TypeWithId];
  if (ids.length !== names.length || ids.includes("")) return undefined;
  return { type, ...Object.fromEntries(names.map((name, index) => [name, ids[index]])) } as GlobalKey;
}

/** Without the plus sign. */
export const phoneNumberGlobalId = (number: string): string => encode("PhoneNumber", number.replace("+", ""));

export const phoneNumberOrderGlobalId = (orderId: string): string => encode("PhoneNumberOrder", orderId);

/** See globalSettingsId. */
export const phoneNumberSettingsId = encode("PhoneNumberSettings");

/** Chime's id in the global id of an object that is not a node. @returns undefined for another id */
export function idIn(type: "PhoneNumber" | "PhoneNumberOrder", globalId: string): string | undefined {
  const [found, id, ...rest] = decode(globalId);
  return found === type && rest.length === 0 ? id : undefined;
}
