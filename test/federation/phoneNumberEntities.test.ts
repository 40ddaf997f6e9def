import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import {
  accountGlobalId,
  phoneNumberGlobalId,
  phoneNumberOrderGlobalId,
} from "../../src/graphql/resolvers/shared/globalId.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const { assignedNumber, freeNumber, orderId, teamAccountId } = SEED;

/** Asks as a router does. */
const entities = (representations: readonly object[]) =>
  harness.ask(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      __typename ... on PhoneNumber { e164PhoneNumber } ... on PhoneNumberOrder { phoneNumberOrderId } } }`,
    { representations },
  );

test("a router finds phone numbers by id and by number in each form, and orders by both ids", async () => {
  const number = (key: object) => ({ __typename: "PhoneNumber", ...key });
  const order = (key: object) => ({ __typename: "PhoneNumberOrder", ...key });
  const { data, errors } = await entities([
    number({ id: phoneNumberGlobalId(assignedNumber) }),
    number({ e164PhoneNumber: freeNumber }),
    number({ e164PhoneNumber: freeNumber.replace("+", "%2B") }),
    number({ e164PhoneNumber: "+12065559999" }),
    order({ id: phoneNumberOrderGlobalId(orderId) }),
    order({ phoneNumberOrderId: orderId }),
  ]);

  expect(errors).toBeUndefined();
  expect(data._entities).toEqual([
    number({ e164PhoneNumber: assignedNumber }),
    ...[1, 2].map(() => number({ e164PhoneNumber: freeNumber })),
    null,
    ...[1, 2].map(() => order({ phoneNumberOrderId: orderId })),
  ]);
  expect((await harness.calls())["GetPhoneNumberOrder"]).toBe(1);
});

test.each([
  ["PhoneNumber", { id: accountGlobalId(teamAccountId) }, "id is not the global id of a phone number"],
  ["PhoneNumber", { e164PhoneNumber: "call me" }, "e164PhoneNumber must be a phone number in E.164 format"],
  ["PhoneNumber", {}, "id is required, since no other key is complete"],
  ["PhoneNumberOrder", { id: phoneNumberGlobalId(freeNumber) }, "id is not the global id of an order"],
  ["PhoneNumberOrder", { phoneNumberOrderId: "1" }, "phoneNumberOrderId must be a GUID"],
])("a malformed %s (%j) fails alone", async (__typename, key, message) => {
  const { data, errors = [] } = await entities([
    { __typename, ...key },
    { __typename: "PhoneNumber", e164PhoneNumber: freeNumber },
  ]);

  expect(data._entities).toEqual([null, { __typename: "PhoneNumber", e164PhoneNumber: freeNumber }]);
  expect(errors.map((error) => [error.path, error.message])).toEqual([[["_entities", 0], message]]);
});

test.each([phoneNumberGlobalId(freeNumber), phoneNumberOrderGlobalId(orderId)])(
  "the id %s is not one of a node",
  async (id) => {
    const { data, errors = [] } = await harness.ask(`{ node(id: "${id}") { id } }`);

    expect(data).toEqual({ node: null });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
  },
);
