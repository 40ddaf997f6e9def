import { PhoneNumberProductType, PhoneNumberType } from "@aws-sdk/client-chime";
import { badRequest } from "./errors.js";

/** The members by which SearchAvailablePhoneNumbers can filter. */
interface Region {
  readonly Country: string;
  readonly PhoneNumberType: PhoneNumberType;
  readonly AreaCode?: string;
  readonly City?: string;
  readonly State?: string;
  readonly TollFreePrefix?: string;
}

/** Numbers that start with the same digits: all that complete the prefix. */
interface Block extends Region {
  readonly prefix: string;
  /** Digits after the prefix. */
  readonly digits: number;
}

/** A number of the pool; positions are in the order in which numbers are offered. */
interface PooledNumber {
  readonly number: string;
  readonly position: number;
}

type NumberFilter = { readonly [Member in keyof Region]?: string | undefined };

const { Local, TollFree } = PhoneNumberType;

/** Area codes, each with its city and state. */
const areas =
  `206 Seattle WA, 212 New York NY, 213 Los Angeles CA, 303 Denver CO, 305 Miami FL, 312 Chicago IL,
  404 Atlanta GA, 415 San Francisco CA, 503 Portland OR, 512 Austin TX, 602 Phoenix AZ, 617 Boston MA, 702 Las Vegas NV,
  713 Houston TX, 718 New York NY, 801 Salt Lake City UT, 808 Honolulu HI, 907 Anchorage AK, 917 New York NY,
  919 Raleigh NC`
    .split(/,\s+/)
    .map((area) => ({ AreaCode: area.slice(0, 3), City: area.slice(4, -3), State: area.slice(-2) }));

/** Area codes in the order of the pool. */
export const areaCodes: readonly string[] = areas.map(({ AreaCode }) => AreaCode);

const tollFreePrefixes = ["800", "833", "844", "855", "866", "877", "888"];

/** Reserved for fiction: 555-0100 to 555-0199 in North America, and two ranges of the British regulator Ofcom. */
const blocks: readonly Block[] = [
  ...areas.map((area) => ({
    ...area,
    Country: "US",
    PhoneNumberType: Local,
    prefix: `+1${area.AreaCode}55501`,
    digits: 2,
  })),
  ...tollFreePrefixes.map((TollFreePrefix) => ({
    TollFreePrefix,
    Country: "US",
    PhoneNumberType: TollFree,
    prefix: `+1${TollFreePrefix}55501`,
    digits: 2,
  })),
  { Country: "GB", PhoneNumberType: Local, prefix: "+441632960", digits: 3 },
  { Country: "GB", PhoneNumberType: TollFree, prefix: "+448081570", digits: 3 },
];

/** The numbers that match all filters, from a position on. Assumption: upper and lower case don't differ. */
export function* searchPool(filter: NumberFilter, fromPosition: number): Generator<PooledNumber> {
  let first = 0;
  for (const block of blocks) {
    const { prefix, digits } = block;
    const size = 10 ** digits;
    if (matches(block, filter))
      for (let n = Math.max(0, fromPosition - first); n < size; n++)
        yield { number: prefix + String(n).padStart(digits, "0"), position: first + n };
    first += size;
  }
}

function matches(block: Block, filter: NumberFilter): boolean {
  return Object.entries(filter).every(
    ([member, value]) =>
      value === undefined || block[member as keyof Region]?.toLowerCase() === value.toLowerCase(),
  );
}

export function isInPool(number: string): boolean {
  return blocks.some(
    ({ prefix, digits }) => number.startsWith(prefix) && number.length === prefix.length + digits,
  );
}

/** In E.164 format, from any form of a number or of its id: `+12065550100`, `%2B12065550100` or `12065550100`. */
export const toE164 = (id: string): string => id.replace(/^(%2B|\+)?/i, "+");

/** Ids in AWS's examples are percent-encoded. */
export const toPhoneNumberId = (number: string): string => encodeURIComponent(number);

export function countryOf(number: string): string | undefined {
  if (number.startsWith("+1")) return "US";
  return number.startsWith("+44") ? "GB" : undefined;
}

export function typeOf(number: string): PhoneNumberType {
  return /^\+(18(00|33|44|55|66|77|88)|44808)/.test(number) ? TollFree : Local;
}

/** @throws BadRequestException for a use that AWS excludes */
export function requireProductType(number: string, productType: PhoneNumberProductType): void {
  const { BusinessCalling, SipMediaApplicationDialIn } = PhoneNumberProductType;
  if (countryOf(number) !== "US" && productType !== SipMediaApplicationDialIn)
    throw badRequest(`Numbers outside the US must have the product type ${SipMediaApplicationDialIn}.`);
  if (typeOf(number) === TollFree && productType === BusinessCalling)
    throw badRequest(`Toll-free numbers cannot have the product type ${BusinessCalling}.`);
}
