import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type Answer, ask, useClosedGateway, useHarness } from "../support/fixture.js";
import { allScopes, operations } from "../support/operations.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, userEmail: email } = SEED;
const examples = operations({ accountId, userId, email });
const closed = useClosedGateway(harness);

const read = ["chime:read"];
const write = ["chime:write"];

/** The status and body of the response to a caller with these scopes; calls to Chime are counted from here. */
async function post(scopes: readonly string[], query: string): Promise<[status: number, body: Answer]> {
  const token = await closed.issuer.sign({ scope: scopes.join(" ") });
  await harness.forgetCalls();
  const response = await fetch(`${closed.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return [response.status, (await response.json()) as Answer];
}

/** Expects 403 with this message, no data, and nothing sent to Chime. */
async function expectRejection(scopes: readonly string[], query: string, message: string) {
  const [status, { data, errors }] = await post(scopes, query);

  expect([status, data, errors?.map((error) => error.message)]).toEqual([403, undefined, [message]]);
  expect(await harness.calls()).toEqual({});
}

describe("a mutation without a required scope", () => {
  const created = `createAccount(input: { name: "New" }) { account { name } errors { code } }`;
  const reset = examples.Mutation["resetPersonalPin"];

  test("for one of its fields is rejected with 403 before anything is written", async () => {
    expect(await post([...read, ...write], `mutation { ${created}\n${reset} }`)).toEqual([
      403,
      {
        errors: [
          {
            message: "Mutation.resetPersonalPin requires chime:pin.",
            locations: [{ line: 2, column: 1 }],
            extensions: { code: "FORBIDDEN", missingScopes: ["chime:pin"] },
          },
        ],
      },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test("for several of its fields is rejected with all of them", async () => {
    const [, { errors }] = await post(read, `mutation { ${created} ${reset} }`);

    expect(errors?.map(({ message, extensions }) => [message, extensions["missingScopes"]])).toEqual([
      [
        "Mutation.createAccount requires chime:write. Mutation.resetPersonalPin requires chime:write and chime:pin.",
        ["chime:write", "chime:pin"],
      ],
    ]);
  });

  test("to read the result is done, and the result is null", async () => {
    const [, { data, errors = [] }] = await post(write, `mutation { ${created} }`);

    expect(data).toEqual({ createAccount: { account: null, errors: [] } });
    expect(errors.map(({ path, message }) => [path, message])).toEqual([
      [["createAccount", "account"], "CreateAccountPayload.account requires chime:read."],
    ]);
    expect(await harness.calls()).toEqual({ CreateAccount: 1 });
  });

  test("to read the users of a bulk update is done, and the list is null", async () => {
    const [, { data, errors = [] }] = await post(
      write,
      `mutation { ${examples.Mutation["batchUpdateUser"]} }`,
    );

    expect(data).toEqual({ batchUpdateUser: { users: null, userErrors: [], errors: [] } });
    expect(errors.map(({ path, message }) => [path, message])).toEqual([
      [["batchUpdateUser", "users"], "BatchUpdateUserPayload.users requires chime:read."],
    ]);
    expect(await harness.calls()).toEqual({ BatchUpdateUser: 1 });
  });

  test("to read the user of each result of a bulk update is done, and each outcome is DONE", async () => {
    const items = `{ userId: "${userId}", licenseType: PRO }, { userId: "..", licenseType: PRO }`;
    const [status, { data, errors = [] }] = await post(
      write,
      `mutation { batchUpdateUser(input: { accountId: "${accountId}", updateUserRequestItems: [${items}] }) {
        outcome results { index outcome user { id } error { code } } } }`,
    );

    expect(status).toBe(200);
    expect(data.batchUpdateUser).toEqual({
      outcome: "PARTIAL",
      results: [
        { index: 0, outcome: "DONE", user: null, error: null },
        { index: 1, outcome: "NOT_DONE", user: null, error: { code: "BAD_REQUEST" } },
      ],
    });
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual(
      [0, 1].map((index) => [["batchUpdateUser", "results", index, "user"], "FORBIDDEN"]),
    );
    expect(await harness.calls()).toEqual({ BatchUpdateUser: 1 });
  });

  test.each([
    ["before it", `mutation { ${created} ${reset} }`],
    ["after it", `mutation { ${reset} ${created} }`],
    ["in a fragment", `mutation { ...R ${created} } fragment R on Mutation { ${reset} }`],
    ["in an inline fragment", `mutation { ${created} ... on Mutation { ... { ${reset} } } }`],
    ["under another name", `mutation { ${created} createUser: ${reset} }`],
    ["removed by @skip", `mutation { ${created} ... @skip(if: true) { ${reset} } }`],
  ])("is rejected together with an allowed one, and nothing is written: %s", async (_where, query) => {
    await expectRejection([...read, ...write], query, "Mutation.resetPersonalPin requires chime:pin.");
  });

  test.each(Object.entries(examples.Mutation))(
    "%s is rejected for a caller without chime:write, and nothing is written",
    async (name, field) => {
      await expectRejection(
        allScopes.filter((scope) => scope !== "chime:write"),
        `mutation { __typename ${field} }`,
        `Mutation.${name} requires chime:write.`,
      );
    },
  );

  test("for a non-null field below it is rejected, too", async () => {
    const query = `mutation { updateAccount(input: { accountId: "${accountId}", name: "New" }) {
      account { users { nodes { id } } } errors { code } } }`;

    await expectRejection(write, query, "UserConnection.nodes requires chime:read.");
  });

  test("for another operation of the document is not rejected", async () => {
    const token = await closed.issuer.sign({ scope: "chime:write" });
    const query = `mutation A { createAccount(input: { name: "New" }) { errors { code } } } mutation B { ${reset} }`;

    expect(
      await ask(closed.url, { query, operationName: "A" }, { authorization: `Bearer ${token}` }),
    ).toEqual({ data: { createAccount: { errors: [] } } });
  });
});
