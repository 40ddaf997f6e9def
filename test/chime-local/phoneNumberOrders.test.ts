import {
  CreatePhoneNumberOrderCommand,
  GetPhoneNumberCommand,
  GetPhoneNumberOrderCommand,
  ListPhoneNumberOrdersCommand,
  ListPhoneNumbersCommand,
  ListSupportedPhoneNumberCountriesCommand,
  type PhoneNumberProductType,
  paginateListPhoneNumberOrders,
  paginateSearchAvailablePhoneNumbers,
  SearchAvailablePhoneNumbersCommand,
  type SearchAvailablePhoneNumbersRequest,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, useChime } from "./fixture.js";

const chime = useChime(3);

const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const numbersFrom = (prefix: string, first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${String(first + n).padStart(2, "0")}`);

async function search(input: SearchAvailablePhoneNumbersRequest) {
  return (await chime.client.send(new SearchAvailablePhoneNumbersCommand(input))).E164PhoneNumbers;
}
async function searchAll(input: SearchAvailablePhoneNumbersRequest) {
  const numbers: string[] = [];
  for await (const page of paginateSearchAvailablePhoneNumbers({ client: chime.client }, input))
    numbers.push(...(page.E164PhoneNumbers ?? []));
  return numbers;
}
async function order(E164PhoneNumbers: string[], ProductType: PhoneNumberProductType = "BusinessCalling") {
  const command = new CreatePhoneNumberOrderCommand({ E164PhoneNumbers, ProductType });
  return (await chime.client.send(command)).PhoneNumberOrder;
}
async function getOrder(PhoneNumberOrderId: string | undefined) {
  const command = new GetPhoneNumberOrderCommand({ PhoneNumberOrderId });
  return (await chime.client.send(command)).PhoneNumberOrder;
}
const getNumber = async (PhoneNumberId: string) =>
  (await chime.client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;

test("a search offers ten numbers in order, without those of the inventory", async () => {
  expect(await search({ AreaCode: "907" })).toEqual(numbersFrom("+19075550", 106, 10));
});

test.each([20, 94, 500])("pages of %d offer each number once", async (MaxResults) => {
  expect(await searchAll({ AreaCode: "907", MaxResults })).toEqual(numbersFrom("+19075550", 106, 94));
});

test("numbers are searched by city, state and toll-free prefix", async () => {
  const prefixesOf = async (input: SearchAvailablePhoneNumbersRequest) => [
    ...new Set((await searchAll({ ...input, MaxResults: 500 })).map((number) => number.slice(0, 5))),
  ];
  expect(await prefixesOf({ State: "NY" })).toEqual(["+1212", "+1718", "+1917"]);
  expect(await prefixesOf({ State: "wa", City: "seattle" })).toEqual(["+1206"]);
  expect(await prefixesOf({ State: "WA", City: "Boston" })).toEqual([]);
  expect(await prefixesOf({ State: "CA", AreaCode: "415" })).toEqual(["+1415"]);
  expect(await prefixesOf({ TollFreePrefix: "888" })).toEqual(["+1888"]);
  expect(await prefixesOf({ AreaCode: "907", PhoneNumberType: "TollFree" })).toEqual([]);
});

test("outside the US the type of number is the only filter", async () => {
  expect(await search({ Country: "GB", PhoneNumberType: "Local", MaxResults: 1 })).toEqual(["+441632960000"]);
  expect(await searchAll({ Country: "GB", PhoneNumberType: "TollFree", MaxResults: 500 })).toHaveLength(1000);
  expect(await search({ Country: "FR", PhoneNumberType: "Local" })).toEqual([]);
});

test.each<SearchAvailablePhoneNumbersRequest>([
  {},
  { PhoneNumberType: "Local" },
  { City: "Boston" },
  { Country: "GB" },
  { Country: "GB", PhoneNumberType: "Local", State: "NY" },
  { AreaCode: "907", MaxResults: 501 },
  { TollFreePrefix: "811" },
  { Country: "gb", PhoneNumberType: "Local" },
])("the search %j is a BadRequestException", async (input) => {
  expect(await failure(search(input))).toMatchObject(badRequest);
});

test("an order is processed at first, and two seconds later its numbers are in the inventory", async () => {
  const created = await order(["+19175550100", "19175550101", "+19175550100"]);
  const CreatedTimestamp = expect.any(Date);
  expect(created).toEqual({
    PhoneNumberOrderId: expect.stringMatching(/^[\da-f-]{36}$/),
    ProductType: "BusinessCalling",
    Status: "Processing",
    OrderedPhoneNumbers: [
      { E164PhoneNumber: "+19175550100", Status: "Processing" },
      { E164PhoneNumber: "+19175550101", Status: "Processing" },
    ],
    CreatedTimestamp,
    UpdatedTimestamp: CreatedTimestamp,
  });
  expect(await getNumber("+19175550100")).toMatchObject({ Status: "AcquireInProgress" });
  const { PhoneNumbers } = await chime.client.send(
    new ListPhoneNumbersCommand({ Status: "AcquireInProgress" }),
  );
  expect(PhoneNumbers).toMatchObject([{ E164PhoneNumber: "+19175550100" }, {}]);
  await chime.advanceClock(2000);
  expect(await getOrder(created?.PhoneNumberOrderId)).toMatchObject({
    Status: "Successful",
    OrderedPhoneNumbers: [{ Status: "Acquired" }, { Status: "Acquired" }],
  });
  expect(await getNumber("+19175550100")).toMatchObject({
    Status: "Unassigned",
    ProductType: "BusinessCalling",
    CallingNameStatus: "Unassigned",
  });
  expect(await search({ AreaCode: "917", MaxResults: 1 })).toEqual(["+19175550102"]);
});

test("numbers that the search doesn't offer fail", async () => {
  const orders = [
    await order(["+19175550100", SEED.freeNumber]),
    await order(["+19175550100", "+14165550100"]),
  ];
  await chime.advanceClock(2000);
  const [first, second] = await Promise.all(orders.map((each) => getOrder(each?.PhoneNumberOrderId)));
  expect(first).toMatchObject({
    Status: "Partial",
    OrderedPhoneNumbers: [{ Status: "Acquired" }, { Status: "Failed" }],
  });
  expect(second).toMatchObject({
    Status: "Failed",
    OrderedPhoneNumbers: [{ Status: "Failed" }, { Status: "Failed" }],
  });
  expect(await failure(getNumber("+14165550100"))).toMatchObject({ name: "NotFoundException" });
});

test("the product type must fit all numbers", async () => {
  expect(await failure(order(["+19175550100", "+18885550100"]))).toMatchObject(badRequest);
  expect(await failure(order(["+441632960000"], "VoiceConnector"))).toMatchObject(badRequest);
  expect(await order(["+18885550100"], "VoiceConnector")).toMatchObject({ Status: "Processing" });
  expect(await order(["+441632960000"], "SipMediaApplicationDialIn")).toMatchObject({ Status: "Processing" });
  expect(await getNumber("+441632960000")).toMatchObject({ Country: "GB", Type: "Local" });
});

test("an order has 1 to 50 numbers", async () => {
  const numbers = numbersFrom("+19175550", 100, 51);
  for (const invalid of [[], numbers, ["+0123"]])
    expect(await failure(order(invalid))).toMatchObject(badRequest);
  expect((await order(numbers.slice(1)))?.OrderedPhoneNumbers).toHaveLength(50);
});

test("orders are listed in the order of creation, to the end", async () => {
  const [seeded] = (await chime.client.send(new ListPhoneNumberOrdersCommand({}))).PhoneNumberOrders ?? [];
  expect(seeded).toEqual(await getOrder(SEED.orderId));
  const created = await order(["+19175550100"]);
  const found: object[] = [];
  for await (const page of paginateListPhoneNumberOrders({ client: chime.client }, { MaxResults: 1 }))
    found.push(
      ...(page.PhoneNumberOrders ?? []).map(({ PhoneNumberOrderId, Status }) => ({
        PhoneNumberOrderId,
        Status,
      })),
    );
  expect(found).toEqual([
    { PhoneNumberOrderId: SEED.orderId, Status: "Successful" },
    { PhoneNumberOrderId: expect.any(String), Status: "Partial" },
    { PhoneNumberOrderId: created?.PhoneNumberOrderId, Status: "Processing" },
  ]);
});

test("an unknown order is a NotFoundException, and an id that is not a GUID a BadRequestException", async () => {
  const unknown = "00000000-0000-0000-0000-000000000000";
  expect(await failure(getOrder(unknown))).toMatchObject({ name: "NotFoundException", Code: "NotFound" });
  expect(await failure(getOrder("order-1"))).toMatchObject(badRequest);
});

test("the countries depend on the product type", async () => {
  const countries = async (ProductType: PhoneNumberProductType) =>
    (await chime.client.send(new ListSupportedPhoneNumberCountriesCommand({ ProductType })))
      .PhoneNumberCountries;
  expect(await countries("BusinessCalling")).toEqual([
    { CountryCode: "US", SupportedPhoneNumberTypes: ["Local"] },
  ]);
  expect(await countries("VoiceConnector")).toEqual([
    { CountryCode: "US", SupportedPhoneNumberTypes: ["Local", "TollFree"] },
  ]);
  expect(await countries("SipMediaApplicationDialIn")).toEqual([
    { CountryCode: "US", SupportedPhoneNumberTypes: ["Local", "TollFree"] },
    { CountryCode: "GB", SupportedPhoneNumberTypes: ["Local", "TollFree"] },
  ]);
});
