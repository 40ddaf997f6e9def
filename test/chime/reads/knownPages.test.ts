import { expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();

/** The calls of a query of the large account, which must not fail. */
async function callsOf(selection: string): Promise<Record<string, number>> {
  await harness.forgetCalls();
  const { errors } = await harness.ask(`{ account(accountId: "${SEED.largeAccountId}") { ${selection} } }`);
  expect(errors).toBeUndefined();
  return harness.calls();
}

test("a page of users that is selected beside phone numbers does not end the search for the numbers' users", async () => {
  const numbers = "phoneNumbers(first: 117) { nodes { user { displayName } } }";
  const calls = { GetAccount: 1, ListUsers: 3, ListPhoneNumbers: 2 };

  expect(await callsOf(numbers)).toEqual(calls);
  expect(await callsOf(`users(first: 200) { nodes { displayName } } ${numbers}`)).toEqual(calls);
});

test("a page of phone numbers that is selected beside users does not end the search for the users' numbers", async () => {
  const users = "users(first: 450) { nodes { phoneNumber { status } } }";
  const calls = { GetAccount: 1, ListUsers: 3, ListPhoneNumbers: 2 };

  expect(await callsOf(users)).toEqual(calls);
  expect(await callsOf(`phoneNumbers(first: 99) { nodes { status } } ${users}`)).toEqual(calls);
});
