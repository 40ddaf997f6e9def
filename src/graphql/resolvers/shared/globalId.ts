import type { UserKey } from "../../../chime/models.js";

/** The object that a global id identifies. */
export type NodeKey =
  | { readonly type: "Account"; readonly accountId: string }
  | ({ readonly type: "User" } & UserKey);

const encode = (...parts: string[]): string => Buffer.from(parts.join(":")).toString("base64url");

export const accountGlobalId = (accountId: string): string => encode("Account", accountId);

export const userGlobalId = ({ accountId, userId }: UserKey): string => encode("User", accountId, userId);

/** Of a singleton, for client caches; not the id of a node. */
export const globalSettingsId = encode("GlobalSettings");

/** Two ids of 128 characters, and the type, take up to 355. Decoding longer texts takes time. */
const maxLength = 400;

/** @returns undefined for an id that the gateway did not make */
export function parseGlobalId(id: string): NodeKey | undefined {
  if (id.length > maxLength) return undefined;
  const [type, accountId, userId, ...rest] = Buffer.from(id, "base64url").toString().split(":");
  if (!accountId || rest.length > 0) return undefined;
  if (type === "Account" && userId === undefined) return { type, accountId };
  if (type === "User" && userId) return { type, accountId, userId };
  return undefined;
}

/** Without the plus sign. */
export const phoneNumberGlobalId = (number: string): string => encode("PhoneNumber", number.replace("+", ""));

export const phoneNumberOrderGlobalId = (orderId: string): string => encode("PhoneNumberOrder", orderId);

/** See globalSettingsId. */
export const phoneNumberSettingsId = encode("PhoneNumberSettings");

/** Chime's id in the global id of an object that is not a node. @returns undefined for another id */
export function idIn(type: "PhoneNumber" | "PhoneNumberOrder", globalId: string): string | undefined {
  const [found, id, ...rest] = Buffer.from(globalId, "base64url").toString().split(":");
  return found === type && rest.length === 0 ? id : undefined;
}
