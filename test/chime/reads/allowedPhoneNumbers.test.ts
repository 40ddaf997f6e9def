import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { phoneNumberOrderGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { type Answer, ask, startOnResponses, useClosedGateway, useHarness } from "../../support/fixture.js";
import { allScopes, operations, withoutAccount } from "../../support/operations.js";

const harness = useHarness();
const { teamAccountId, smallAccountId, assignedNumber, freeNumber, deletedNumber, userId, userEmail } = SEED;
const closed = useClosedGateway(harness);
const message = "A token limited to certain accounts cannot use this operation.";

/** Asks with a token that names these accounts. */
async function askFor(accounts: readonly string[] | undefined, query: string): Promise<Answer> {
  const headers = await closed.headersFor({ scope: allScopes.join(" "), chime_accounts: accounts });
  await harness.forgetCalls();
  return ask(closed.url, { query }, headers);
}

const examples = operations({ accountId: teamAccountId, userId, email: userEmail });
/** With the codes and messages of a payload's errors. */
const detailed = (field: string) =>
  field.replace(/errors \{ code \}/, "results: errors { code message path }");

describe("a caller whose token names accounts is refused what concerns the whole AWS account:", () => {
  test.each(withoutAccount.filter((name) => examples.Query[name]))("the query %s", async (name) => {
    const { data, errors = [] } = await askFor([teamAccountId], `{ ${examples.Query[name]} }`);

    expect(data).toEqual({ [name]: null });
    expect(errors.map(({ path, message: text, extensions }) => [path, text, extensions.code])).toEqual([
      [[name], message, "FORBIDDEN"],
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test.each(withoutAccount.filter((name) => examples.Mutation[name]))("the mutation %s", async (name) => {
    const { data } = await askFor([teamAccountId], `mutation { ${detailed(examples.Mutation[name] ?? "")} }`);
    const { results, phoneNumberErrors = [] } = data[name];

    // A bulk write has its errors with the items.
    expect([...results, ...phoneNumberErrors]).toHaveLength(1);
    if (results.length > 0) expect(results).toEqual([{ code: "FORBIDDEN", message, path: null }]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("such a caller finds", () => {
  test("a number of its accounts, and no other, one by one", async () => {
    const numbers = [assignedNumber, freeNumber, deletedNumber, "+18005550100", "+12065559999"];
    const query = `{ ${numbers.map((number, n) => `n${n}: phoneNumber(phoneNumberId: "${number}") { status user { userId } }`).join(" ")} }`;
    const { data, errors } = await askFor([teamAccountId], query);

    expect(errors).toBeUndefined();
    expect(data).toEqual({
      n0: { status: "ASSIGNED", user: { userId } },
      ...{ n1: null, n2: null, n3: null, n4: null },
    });
    expect(await harness.calls()).toMatchObject({ GetPhoneNumber: 5 });
    expect((await askFor([smallAccountId], query)).data.n0).toBeNull();
  });

  test("the numbers of its accounts and their users", async () => {
    const ofAccount = `account(accountId: "${teamAccountId}") { phoneNumbers(first: 3) { nodes { e164PhoneNumber } }
      users(first: 10) { nodes { primaryProvisionedNumber phoneNumber { e164PhoneNumber } } } }`;
    const filtered = (id: string) =>
      `phoneNumbers(association: { name: ACCOUNT_ID, value: "${id}" }) { nodes { e164PhoneNumber } }`;
    const { data, errors } = await askFor([teamAccountId], `{ ${ofAccount} ${filtered(teamAccountId)} }`);

    expect(errors).toBeUndefined();
    expect(data.account.phoneNumbers.nodes).toContainEqual({ e164PhoneNumber: assignedNumber });
    expect(data.phoneNumbers.nodes).toEqual(expect.arrayContaining(data.account.phoneNumbers.nodes));
    for (const { primaryProvisionedNumber: number, phoneNumber } of data.account.users.nodes)
      expect(phoneNumber).toEqual(number && { e164PhoneNumber: number });
    const other = await askFor([teamAccountId], `{ ${filtered(smallAccountId)} }`);
    expect(other.data).toEqual({ phoneNumbers: null });
    expect(other.errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
    expect(await harness.calls()).toEqual({});
  });

  test("no number of another account, nor one without an account, if Chime lists them", async () => {
    const associated = (Value: string) => [{ Name: "AccountId", Value }];
    const rows = [
      { E164PhoneNumber: "+12065550100", Associations: associated(teamAccountId) },
      { E164PhoneNumber: "+12065550101", Associations: associated(smallAccountId) },
      { E164PhoneNumber: "+12065550102" },
    ];
    const url = await startOnResponses(() => ({ PhoneNumbers: rows }), closed.issuer.env);
    const query = `{ phoneNumbers(association: { name: ACCOUNT_ID, value: "${teamAccountId}" }) { nodes { e164PhoneNumber } } }`;
    const numbersFor = async (claims: object) => {
      const headers = await closed.headersFor({ scope: allScopes.join(" "), ...claims });
      const { data } = await ask(url, { query }, headers);
      return data.phoneNumbers.nodes.map((node: { e164PhoneNumber: string }) => node.e164PhoneNumber);
    };

    const [limited, unlimited] = await Promise.all([
      numbersFor({ chime_accounts: [teamAccountId] }),
      numbersFor({}),
    ]);
    expect(limited).toEqual(["+12065550100"]);
    expect(unlimited).toHaveLength(3);
  });

  test("no orders as entities, and can take the number of its own user back", async () => {
    const id = phoneNumberOrderGlobalId(SEED.orderId);
    const orders = await askFor(
      [teamAccountId],
      `{ _entities(representations: [{ __typename: "PhoneNumberOrder", id: "${id}" }]) { __typename } }`,
    );
    const write = `mutation { disassociatePhoneNumberFromUser(input: { accountId: "${teamAccountId}", userId: "${userId}" }) {
      outcome errors { code } } }`;

    expect(orders.data).toEqual({ _entities: [null] });
    expect(orders.errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
    expect((await askFor([smallAccountId], write)).data.disassociatePhoneNumberFromUser).toEqual({
      outcome: "NOT_DONE",
      errors: [{ code: "NOT_FOUND" }],
    });
    expect((await askFor([teamAccountId], write)).data.disassociatePhoneNumberFromUser).toEqual({
      outcome: "DONE",
      errors: [],
    });
  });
});
