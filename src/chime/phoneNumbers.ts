import {
  type ListPhoneNumbersRequest,
  type OrderedPhoneNumber,
  type PhoneNumber,
  PhoneNumberAssociationName,
  type PhoneNumberOrder,
  PhoneNumberProductType,
} from "@aws-sdk/client-chime";
import type { Connection } from "./reads/pagination.js";

/** The key of a phone number. */
export interface PhoneNumberKey {
  /** The number: `+12065550100`. */
  readonly phoneNumberId: string;
}

/** What a list of phone numbers is limited to. */
export type PhoneNumberFilter = Omit<ListPhoneNumbersRequest, "MaxResults" | "NextToken">;

/** An order with its id. */
export type ChimePhoneNumberOrder = PhoneNumberOrder & { PhoneNumberOrderId: string };

/** A number of an order. */
export type ChimeOrderedPhoneNumber = OrderedPhoneNumber & {
  /** The list that the number is most likely in. */
  readonly filter: PhoneNumberFilter;
};

/** A number that the search has found. */
export interface ChimeAvailablePhoneNumber {
  readonly E164PhoneNumber: string;
}

export type PhoneNumberPage = Connection<PhoneNumber>;
export type PhoneNumberOrderPage = Connection<ChimePhoneNumberOrder>;
export type AvailablePhoneNumberPage = Connection<ChimeAvailablePhoneNumber>;

/** The number in an id, which may be `%2B12065550100`, `+12065550100` or `12065550100`. */
export const numberOf = (id: string): string => `+${id.replace(/^(?:%2B|\+)/i, "")}`;

/**
 * Chime's id of a number: percent-encoded, as AWS's examples have it in responses and in the bodies of requests. The path of a
 * request takes the number, which the SDK encodes.
 */
export const phoneNumberIdOf = (number: string): string => number.replace("+", "%2B");

/** The id of the object of this type that a phone number is assigned to. */
export const associated = (
  { Associations = [] }: PhoneNumber,
  type: PhoneNumberAssociationName,
): string | undefined => Associations.find(({ Name }) => Name === type)?.Value;

/** Whether a phone number is assigned to one of these accounts. */
export const isOfAccount = (phoneNumber: PhoneNumber, accounts: ReadonlySet<string>): boolean =>
  accounts.has(associated(phoneNumber, PhoneNumberAssociationName.AccountId) ?? "");

/** Whether a number cannot be used for Business Calling: see "Phone number types" in AWS's Administration Guide. */
export const isTollFree = (number: string): boolean => /^\+18(00|33|44|55|66|77|88)/.test(number);

/** Whether a number has another country code than the US, so that it is for SIP media applications only. */
export const isOutsideUs = (number: string): boolean => !number.startsWith("+1");

/** Whether Chime surely rejects a product type for a number. */
export const rejectsProductType = (number: string, productType: string | null | undefined): boolean =>
  productType != null &&
  ((productType === PhoneNumberProductType.BusinessCalling && isTollFree(number)) ||
    (productType !== PhoneNumberProductType.SipMediaApplicationDialIn && isOutsideUs(number)));
