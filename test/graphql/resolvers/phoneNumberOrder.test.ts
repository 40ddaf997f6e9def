import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { startOnResponses, useHarness } from "../../support/fixture.js";
import { ask } from "../../support/graphqlClient.js";

const harness = useHarness();
const { orderId, freeNumber } = SEED;

const order = `phoneNumberOrder { status productType orderedPhoneNumbers { e164PhoneNumber status phoneNumber { status } } }`;
const errors = "errors { code message path }";
const create = async (
  e164PhoneNumbers: readonly string[],
  productType = "BUSINESS_CALLING",
  selection = order,
) => {
  const answer = await harness.ask(
    `mutation ($input: CreatePhoneNumberOrderInput!) { payload: createPhoneNumberOrder(input: $input) {
      outcome ${selection} ${errors} } }`,
    { input: { productType, e164PhoneNumbers } },
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.payload;
};

describe("createPhoneNumberOrder", () => {
  test("orders each number once, in one call, in both forms", async () => {
    const numbers = ["+19195550100", "%2B19195550101", "+19195550101", "19195550100"];
    const payload = await create(
      numbers,
      "BUSINESS_CALLING",
      "phoneNumberOrder { status orderedPhoneNumbers { e164PhoneNumber status } }",
    );

    expect(payload).toEqual({
      outcome: "DONE",
      phoneNumberOrder: {
        status: "PROCESSING",
        orderedPhoneNumbers: ["+19195550100", "+19195550101"].map((e164PhoneNumber) => ({
          e164PhoneNumber,
          status: "PROCESSING",
        })),
      },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ CreatePhoneNumberOrder: 1 });
  });

  const fifty = Array.from({ length: 50 }, (_, n) => `+191955501${String(n).padStart(2, "0")}`);

  test("takes 50 numbers, not 51, and reads them in one call", async () => {
    const { outcome, phoneNumberOrder, errors: none } = await create(fifty);
    expect([outcome, none]).toEqual(["DONE", []]);
    expect(phoneNumberOrder.orderedPhoneNumbers).toHaveLength(50);
    for (const { phoneNumber } of phoneNumberOrder.orderedPhoneNumbers)
      expect(phoneNumber).toEqual({ status: "ACQUIRE_IN_PROGRESS" });
    expect(await harness.calls()).toEqual({ CreatePhoneNumberOrder: 1, ListPhoneNumbers: 1 });
    await harness.forgetCalls();
    expect(await create([...fifty, "+19195550150"])).toMatchObject({
      outcome: "NOT_DONE",
      errors: [
        { code: "BAD_REQUEST", message: "must have at most 50 phone numbers", path: ["e164PhoneNumbers"] },
      ],
    });
    expect(await harness.calls()).toEqual({});
  });

  test.each([
    ["no number", [], ["e164PhoneNumbers"]],
    ["text that is not a number", ["+19195550100", "call me"], ["e164PhoneNumbers", "1"]],
  ])("rejects %s, and sends nothing", async (_what, numbers, path) => {
    expect(await create(numbers)).toMatchObject({
      outcome: "NOT_DONE",
      phoneNumberOrder: null,
      errors: [{ code: "BAD_REQUEST", path }],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("reports a use that Chime rejects for these numbers", async () => {
    expect(await create(["+18005550123"])).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", path: ["productType"] }],
    });
  });

  test.each(["500", "reset-before", "reset-after", "close", "truncate"])(
    "costs money: it is never repeated while its outcome is unknown (%s)",
    async (kind) => {
      await harness.fault({ operation: "CreatePhoneNumberOrder", kind });

      expect(await create(["+19195550100"])).toMatchObject({
        outcome: "UNKNOWN",
        phoneNumberOrder: null,
        errors: [{ code: "OUTCOME_UNKNOWN" }],
      });
      expect(await harness.calls()).toEqual({ CreatePhoneNumberOrder: 1 });
    },
  );
});

describe("orders", () => {
  test("are found by their id, with the numbers that have come", async () => {
    const { data } = await harness.ask(
      `{ phoneNumberOrder(phoneNumberOrderId: "${orderId}") { phoneNumberOrderId status
        orderedPhoneNumbers { e164PhoneNumber status phoneNumber { e164PhoneNumber } } } }`,
    );
    const { orderedPhoneNumbers, ...rest } = data.phoneNumberOrder;

    expect(rest).toEqual({ phoneNumberOrderId: orderId, status: "SUCCESSFUL" });
    expect(orderedPhoneNumbers).toHaveLength(6);
    expect(orderedPhoneNumbers[0]).toEqual({
      e164PhoneNumber: freeNumber,
      status: "ACQUIRED",
      phoneNumber: { e164PhoneNumber: freeNumber },
    });
    // One of the six is in the deletion queue.
    expect(await harness.calls()).toEqual({ GetPhoneNumberOrder: 1, ListPhoneNumbers: 1, GetPhoneNumber: 1 });
  });

  test.each([
    ["0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11", [], { GetPhoneNumberOrder: 1 }],
    ["order", ["phoneNumberOrderId must be a GUID"], {}],
  ])("that do not exist are null (%s)", async (id, messages, calls) => {
    const { data, errors = [] } = await harness.ask(
      `{ phoneNumberOrder(phoneNumberOrderId: "${id}") { id } }`,
    );

    expect([data, errors.map(({ message }) => message)]).toEqual([{ phoneNumberOrder: null }, messages]);
    expect(await harness.calls()).toEqual(calls);
  });

  test("take at most one call more than there are numbers, wherever these are", async () => {
    const ordered = Array.from({ length: 50 }, (_, n) => `+191955501${String(n).padStart(2, "0")}`);
    const calls: string[] = [];
    const url = await startOnResponses(({ pathname }) => {
      calls.push(pathname);
      const id = /^\/phone-numbers\/(.+)$/.exec(pathname)?.[1];
      if (id) return { PhoneNumber: { PhoneNumberId: id, Status: "Assigned" } };
      if (pathname === "/phone-numbers")
        return { PhoneNumbers: [{ E164PhoneNumber: "+12065550100" }], NextToken: "next" };
      const OrderedPhoneNumbers = ordered.map((E164PhoneNumber) => ({ E164PhoneNumber }));
      return { PhoneNumberOrder: { PhoneNumberOrderId: orderId, OrderedPhoneNumbers } };
    });
    const { data } = await ask(url, {
      query: `{ phoneNumberOrder(phoneNumberOrderId: "${orderId}") { orderedPhoneNumbers { phoneNumber { e164PhoneNumber } } } }`,
    });

    expect(data.phoneNumberOrder.orderedPhoneNumbers).toEqual(
      ordered.map((e164PhoneNumber) => ({ phoneNumber: { e164PhoneNumber } })),
    );
    expect(calls.filter((path) => path.startsWith("/phone-numbers"))).toHaveLength(51);
  });

  test("are listed with cursors", async () => {
    const page = (args: string) =>
      `phoneNumberOrders${args} { nodes { status } pageInfo { hasNextPage hasPreviousPage endCursor } }`;
    const { data: first } = await harness.ask(`{ ${page("(first: 1)")} }`);
    const after = first.phoneNumberOrders.pageInfo.endCursor;
    const { data: second } = await harness.ask(`{ ${page(`(after: "${after}")`)} }`);

    expect([first, second].map(({ phoneNumberOrders }) => phoneNumberOrders.nodes)).toEqual([
      [{ status: "SUCCESSFUL" }],
      [{ status: "PARTIAL" }],
    ]);
    expect(second.phoneNumberOrders.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });
});

describe("availablePhoneNumbers", () => {
  const search = (args: string) =>
    harness.ask(
      `{ availablePhoneNumbers(${args}) { nodes { e164PhoneNumber } pageInfo { hasNextPage endCursor } } }`,
    );

  test("finds numbers by area code, and continues after its cursor", async () => {
    const { data: first } = await search(`first: 60, areaCode: "919"`);
    const { nodes, pageInfo } = first.availablePhoneNumbers;
    const { data: second } = await search(`first: 60, areaCode: "919", after: "${pageInfo.endCursor}"`);
    const all = [...nodes, ...second.availablePhoneNumbers.nodes];

    expect(new Set(all.map(({ e164PhoneNumber }) => e164PhoneNumber)).size).toBe(100);
    expect(second.availablePhoneNumbers.pageInfo.hasNextPage).toBe(false);
  });

  test.each([
    [`tollFreePrefix: "800"`, "+1800"],
    [`state: "WA", city: "Seattle"`, "+1206"],
    [`country: "GB", phoneNumberType: TOLL_FREE`, "+44808"],
    [`country: null, areaCode: "919"`, "+1919"],
    [`city: " Seattle ", state: "WA\\n", areaCode: " 206 "`, "+1206"],
    [`country: " US ", tollFreePrefix: "\\t800"`, "+1800"],
  ])("finds numbers by %s", async (args, prefix) => {
    const { data, errors } = await search(`first: 3, ${args}`);

    expect(errors).toBeUndefined();
    for (const { e164PhoneNumber } of data.availablePhoneNumbers.nodes)
      expect(e164PhoneNumber.startsWith(prefix)).toBe(true);
    expect(await harness.calls()).toEqual({ SearchAvailablePhoneNumbers: 1 });
  });

  test.each([
    ["first: 3", "areaCode is required unless city or state or tollFreePrefix is given"],
    [`city: "Seattle"`, "state is required with city"],
    [`country: "GB"`, "phoneNumberType is required unless country is US"],
    [
      `country: "GB", phoneNumberType: LOCAL, areaCode: "206", state: "WA"`,
      "areaCode is not allowed unless country is US; state is not allowed unless country is US",
    ],
    [`areaCode: ""`, "areaCode must not be blank"],
    [`state: " "`, "state must not be blank"],
    [`city: "\\u200b", state: "WA"`, "city must not be blank"],
    [`city: "Seattle", state: "", areaCode: "206"`, "state must not be blank"],
    [`areaCode: "20\\u00006"`, "areaCode must not contain control characters"],
    [`country: "us", areaCode: "206"`, "country must be two capital letters"],
    [`tollFreePrefix: "900"`, "tollFreePrefix must be 800, 833, 844, 855, 866, 877 or 888"],
  ])("rejects %s, and calls nothing", async (args, message) => {
    const { data, errors = [] } = await search(args);

    expect(data).toEqual({ availablePhoneNumbers: null });
    expect(errors[0]?.message).toContain(message);
    expect(await harness.calls()).toEqual({});
  });
});

test("an invalid country is one problem, whatever the rules of countries are", async () => {
  const { errors } = await harness.ask(
    `{ availablePhoneNumbers(country: "us", state: "WA") { nodes { e164PhoneNumber } } }`,
  );

  expect(errors).toMatchObject([
    { extensions: { problems: [{ path: ["country"], message: "must be two capital letters" }] } },
  ]);
});

describe("supportedPhoneNumberCountries", () => {
  test("has the countries for a use", async () => {
    const { data } = await harness.ask(
      `{ supportedPhoneNumberCountries(productType: BUSINESS_CALLING) { countryCode supportedPhoneNumberTypes } }`,
    );

    expect(data.supportedPhoneNumberCountries).toEqual([
      { countryCode: "US", supportedPhoneNumberTypes: ["LOCAL"] },
    ]);
  });

  test("omits an unknown type, with an error", async () => {
    const url = await startOnResponses(() => ({
      PhoneNumberCountries: [{ CountryCode: "US", SupportedPhoneNumberTypes: ["Local", "Satellite"] }],
    }));
    const { data, errors = [] } = await ask(url, {
      query: `{ supportedPhoneNumberCountries(productType: VOICE_CONNECTOR) { supportedPhoneNumberTypes } }`,
    });

    expect(data.supportedPhoneNumberCountries).toEqual([{ supportedPhoneNumberTypes: ["LOCAL"] }]);
    expect(errors).toHaveLength(1);
  });
});
