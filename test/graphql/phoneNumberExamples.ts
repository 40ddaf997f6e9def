import type { OperationName, RequestOf } from "../../src/chime-api/types.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { idOf } from "../../src/chime-local/store/ids.js";

const { teamAccountId, userId, assignedNumber, freeNumber, deletedNumber, orderId } = SEED;
const encoded = (number: string) => number.replace("+", "%2B");

/** A read: its request, the member of its response, and the field of the schema that returns the same. */
export interface ReadExample<Name extends OperationName> {
  readonly request: RequestOf<Name>;
  readonly member?: string;
  readonly field: string;
  /** Whether the field is a connection. */
  readonly isPaged?: boolean;
}

export const phoneNumberReads: { [Name in OperationName]?: ReadExample<Name> } = {
  GetPhoneNumber: {
    request: { PhoneNumberId: assignedNumber },
    member: "PhoneNumber",
    field: `phoneNumber(phoneNumberId: "${assignedNumber}")`,
  },
  ListPhoneNumbers: {
    request: { FilterName: "AccountId", FilterValue: teamAccountId, MaxResults: 10 },
    member: "PhoneNumbers",
    field: `phoneNumbers(first: 10, association: { name: ACCOUNT_ID, value: "${teamAccountId}" })`,
    isPaged: true,
  },
  GetPhoneNumberSettings: { request: {}, field: "phoneNumberSettings" },
  GetPhoneNumberOrder: {
    request: { PhoneNumberOrderId: orderId },
    member: "PhoneNumberOrder",
    field: `phoneNumberOrder(phoneNumberOrderId: "${orderId}")`,
  },
  ListPhoneNumberOrders: {
    request: { MaxResults: 10 },
    member: "PhoneNumberOrders",
    field: "phoneNumberOrders(first: 10)",
    isPaged: true,
  },
  SearchAvailablePhoneNumbers: {
    request: { State: "NC", City: "Raleigh", MaxResults: 10 },
    member: "E164PhoneNumbers",
    field: `availablePhoneNumbers(first: 10, state: "NC", city: "Raleigh")`,
    isPaged: true,
  },
  ListSupportedPhoneNumberCountries: {
    request: { ProductType: "SipMediaApplicationDialIn" },
    member: "PhoneNumberCountries",
    field: "supportedPhoneNumberCountries(productType: SIP_MEDIA_APPLICATION_DIAL_IN)",
  },
};

export const phoneNumberWrites: { [Name in OperationName]?: { readonly request: RequestOf<Name> } } = {
  UpdatePhoneNumber: { request: { PhoneNumberId: freeNumber, CallingName: "Front Desk" } },
  BatchUpdatePhoneNumber: {
    request: {
      UpdatePhoneNumberRequestItems: [{ PhoneNumberId: encoded(freeNumber), ProductType: "VoiceConnector" }],
    },
  },
  DeletePhoneNumber: { request: { PhoneNumberId: freeNumber } },
  BatchDeletePhoneNumber: { request: { PhoneNumberIds: [encoded(freeNumber)] } },
  RestorePhoneNumber: { request: { PhoneNumberId: deletedNumber } },
  AssociatePhoneNumberWithUser: {
    request: { AccountId: teamAccountId, UserId: idOf("seeded-user", 1), E164PhoneNumber: freeNumber },
  },
  DisassociatePhoneNumberFromUser: { request: { AccountId: teamAccountId, UserId: userId } },
  UpdatePhoneNumberSettings: { request: { CallingName: "Main Line" } },
  CreatePhoneNumberOrder: {
    request: { ProductType: "BusinessCalling", E164PhoneNumbers: ["+19195550100", "+19195550101"] },
  },
  CreateMeetingDialOut: {
    request: {
      MeetingId: "0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11",
      FromPhoneNumber: freeNumber,
      ToPhoneNumber: "+12065550199",
      JoinToken: "token",
    },
  },
};
