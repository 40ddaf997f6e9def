import { numberOf } from "../chime/phoneNumbers.js";
import { id } from "../chime-api/constraints.js";
import { camelName } from "../chime-api/names.js";
import { trim } from "./resolvers/shared/validation.js";

/** The object of a write or a read: ids, and hashes of addresses and phone numbers, by the names of their members. */
export type Target = Readonly<Record<string, string>>;

/** Members whose values are Chime's ids. */
const idNames: ReadonlySet<string> = new Set([
  "accountId",
  "botId",
  "conversationId",
  "inviteId",
  "meetingId",
  "memberId",
  "messageId",
  "phoneNumberOrderId",
  "roomId",
  "transactionId",
  "userId",
]);

/** Members that tell targets apart by personal data: addresses, names and phone numbers, which are also ids. */
const personalNames: ReadonlySet<string> = new Set([
  "e164PhoneNumber",
  "email",
  "emailAddress",
  "fromPhoneNumber",
  "groupName",
  "phoneNumber",
  "phoneNumberId",
  "primaryEmail",
  "toPhoneNumber",
  "userEmail",
  "username",
]);

type Hash = (text: string) => string;

/** The ids in an object of Chime's or of the schema. Members that are not listed above are left out. */
export const idsOf = (value: unknown, hash: Hash): Target => pick(value, (name) => idNames.has(name), hash);

/** The objects of a mutation's input: a target for each item of its list, or at most one. */
export function targetsOf(input: object, hash: Hash): { accountId?: string; targets: readonly Target[] } {
  const { accountId, ...own } = pick(input, () => true, hash);
  const lists = Object.entries(input).flatMap(([name, value]) =>
    Array.isArray(value) ? [value.map((item) => targetOfItem(name, item, hash))] : [],
  );
  const [items = isEmpty(own) ? [] : [{}]] = lists.filter((list) => !list.every(isEmpty));
  return {
    ...(accountId !== undefined && { accountId }),
    targets: items.map((item) => ({ ...own, ...item })),
  };
}

export const isEmpty = (target: object): boolean => Object.keys(target).length === 0;

/** An item of a list is an object, or a value that the list is named after: `userIdList`, `groupNames`. */
const targetOfItem = (list: string, item: unknown, hash: Hash): Target =>
  pick(typeof item === "object" ? item : { [list.replace(/(List|s)$/, "")]: item }, () => true, hash);

function pick(value: unknown, isWanted: (name: string) => boolean, hash: Hash): Target {
  const members = Object.entries(value ?? {}).flatMap(([member, text]: [string, unknown]) => {
    const name = camelName(member);
    if (typeof text !== "string" || !isWanted(name)) return [];
    // A caller may send anything as an id.
    if (idNames.has(name) && id.pattern.test(text)) return [[name, text]];
    return idNames.has(name) || personalNames.has(name)
      ? [[name, `hmac:${hash(normalize(name, text))}`]]
      : [];
  });
  return Object.fromEntries(members);
}

/** As a write sends it, so that each address and number has one hash. Letter case does not matter in addresses. */
function normalize(name: string, text: string): string {
  const trimmed = trim(text).toLowerCase();
  return /phoneNumber(Id)?$/i.test(name) ? numberOf(trimmed) : trimmed;
}
