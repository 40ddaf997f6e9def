import { camelName } from "../../src/chime-api/names.js";

/** Members that a type has under their own names in camelCase. */
const places = (type: string, members: string): Record<string, string> =>
  Object.fromEntries(members.split(" ").map((member) => [member, `${type}.${camelName(member)}`]));

/** A page of a list: the arguments of its field, and the rows of its connection. */
const page = { MaxResults: "first", NextToken: "after" };
const list = (field: string, filters: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ ...page, ...filters }).map(([member, argument]) => [member, `${field}(${argument})`]),
  );
const rows = (member: string, type: string) => ({
  [member]: `${type}Connection.nodes`,
  NextToken: "PageInfo.endCursor",
});

/** Where the schema has the members of Chime's phone numbers, orders and dial-out: see contract.test.ts. */
export const phoneNumberMembers: Record<string, Record<string, string>> = {
  PhoneNumber: places(
    "PhoneNumber",
    `PhoneNumberId E164PhoneNumber Country Type ProductType Status Capabilities Associations CallingName CallingNameStatus CreatedTimestamp UpdatedTimestamp DeletionTimestamp`,
  ),
  PhoneNumberCapabilities: places(
    "PhoneNumberCapabilities",
    "InboundCall OutboundCall InboundSMS OutboundSMS InboundMMS OutboundMMS",
  ),
  PhoneNumberAssociation: places("PhoneNumberAssociation", "Name Value AssociatedTimestamp"),
  PhoneNumberError: places("PhoneNumberError", "PhoneNumberId ErrorCode ErrorMessage"),
  GetPhoneNumberRequest: { PhoneNumberId: "Query.phoneNumber(phoneNumberId)" },
  GetPhoneNumberResponse: { PhoneNumber: "Query.phoneNumber" },
  ListPhoneNumbersRequest: {
    ...list("Query.phoneNumbers", { Status: "status", ProductType: "productType" }),
    FilterName: "PhoneNumberAssociationFilter.name",
    FilterValue: "PhoneNumberAssociationFilter.value",
  },
  ListPhoneNumbersResponse: rows("PhoneNumbers", "PhoneNumber"),
  UpdatePhoneNumberRequest: places("UpdatePhoneNumberInput", "PhoneNumberId ProductType CallingName"),
  UpdatePhoneNumberResponse: { PhoneNumber: "UpdatePhoneNumberPayload.phoneNumber" },
  UpdatePhoneNumberRequestItem: places(
    "UpdatePhoneNumberRequestItem",
    "PhoneNumberId ProductType CallingName",
  ),
  BatchUpdatePhoneNumberRequest: places("BatchUpdatePhoneNumberInput", "UpdatePhoneNumberRequestItems"),
  BatchUpdatePhoneNumberResponse: {
    PhoneNumberErrors: "BatchUpdatePhoneNumberPayload.phoneNumberErrors",
  },
  DeletePhoneNumberRequest: places("DeletePhoneNumberInput", "PhoneNumberId"),
  BatchDeletePhoneNumberRequest: places("BatchDeletePhoneNumberInput", "PhoneNumberIds"),
  BatchDeletePhoneNumberResponse: {
    PhoneNumberErrors: "BatchDeletePhoneNumberPayload.phoneNumberErrors",
  },
  RestorePhoneNumberRequest: places("RestorePhoneNumberInput", "PhoneNumberId"),
  RestorePhoneNumberResponse: { PhoneNumber: "RestorePhoneNumberPayload.phoneNumber" },
  AssociatePhoneNumberWithUserRequest: places(
    "AssociatePhoneNumberWithUserInput",
    "AccountId UserId E164PhoneNumber",
  ),
  AssociatePhoneNumberWithUserResponse: {},
  DisassociatePhoneNumberFromUserRequest: places("DisassociatePhoneNumberFromUserInput", "AccountId UserId"),
  DisassociatePhoneNumberFromUserResponse: {},
  GetPhoneNumberSettingsResponse: places("PhoneNumberSettings", "CallingName CallingNameUpdatedTimestamp"),
  UpdatePhoneNumberSettingsRequest: places("UpdatePhoneNumberSettingsInput", "CallingName"),
  PhoneNumberOrder: places(
    "PhoneNumberOrder",
    "PhoneNumberOrderId ProductType Status OrderedPhoneNumbers CreatedTimestamp UpdatedTimestamp",
  ),
  OrderedPhoneNumber: places("OrderedPhoneNumber", "E164PhoneNumber Status"),
  PhoneNumberCountry: places("PhoneNumberCountry", "CountryCode SupportedPhoneNumberTypes"),
  CreatePhoneNumberOrderRequest: places("CreatePhoneNumberOrderInput", "ProductType E164PhoneNumbers"),
  CreatePhoneNumberOrderResponse: { PhoneNumberOrder: "CreatePhoneNumberOrderPayload.phoneNumberOrder" },
  GetPhoneNumberOrderRequest: { PhoneNumberOrderId: "Query.phoneNumberOrder(phoneNumberOrderId)" },
  GetPhoneNumberOrderResponse: { PhoneNumberOrder: "Query.phoneNumberOrder" },
  ListPhoneNumberOrdersRequest: list("Query.phoneNumberOrders"),
  ListPhoneNumberOrdersResponse: rows("PhoneNumberOrders", "PhoneNumberOrder"),
  SearchAvailablePhoneNumbersRequest: list("Query.availablePhoneNumbers", {
    AreaCode: "areaCode",
    City: "city",
    Country: "country",
    State: "state",
    TollFreePrefix: "tollFreePrefix",
    PhoneNumberType: "phoneNumberType",
  }),
  SearchAvailablePhoneNumbersResponse: rows("E164PhoneNumbers", "AvailablePhoneNumber"),
  ListSupportedPhoneNumberCountriesRequest: {
    ProductType: "Query.supportedPhoneNumberCountries(productType)",
  },
  ListSupportedPhoneNumberCountriesResponse: { PhoneNumberCountries: "Query.supportedPhoneNumberCountries" },
  CreateMeetingDialOutRequest: places(
    "CreateMeetingDialOutInput",
    "MeetingId FromPhoneNumber ToPhoneNumber JoinToken",
  ),
  CreateMeetingDialOutResponse: places("CreateMeetingDialOutPayload", "TransactionId"),
};
