import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

async function post(body: string) {
  const response = await fetch(`${harness.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return { status: response.status, body: await response.json() };
}

describe("a value in variables is not repeated in a message", () => {
  const createUser = `mutation ($input: CreateUserInput!) { createUser(input: $input) { errors { code } } }`;
  const account = `query ($id: ID!) { account(accountId: $id) { name } }`;
  const accounts = `query ($first: Int) { accounts(first: $first) { nodes { name } } }`;
  const accountId = SEED.teamAccountId;
  const email = "ada@example.com";

  test.each<[string, string, object]>([
    ["a member is unknown", createUser, { input: { accountId, email, nickname: "Ada" } }],
    ["another member is missing", createUser, { input: { email } }],
    ["another member is of a wrong type", createUser, { input: { accountId: { a: 1 }, email } }],
    ["the member itself is of a wrong shape", createUser, { input: { accountId, email: [email] } }],
    ["a string stands for the whole", createUser, { input: email }],
    ["a string stands for a number", accounts, { first: email }],
    ["an object stands for an id", account, { id: { email } }],
    ["it stands for an enum's value", createUser, { input: { accountId, userType: email } }],
    ["it holds a semicolon", accounts, { first: `1; ${email}` }],
    ["it holds a semicolon and stands for an id", account, { id: { id: `1; ${email}` } }],
    [
      "it holds a semicolon and stands for an enum's value",
      createUser,
      { input: { userType: `1; ${email}` } },
    ],
  ])("when %s", async (_when, query, variables) => {
    const { status, body } = await post(JSON.stringify({ query, variables }));
    const problems = [{ path: expect.any(Array), message: expect.any(String) }];
    expect([status, body.errors[0].extensions]).toEqual([400, { code: "BAD_USER_INPUT", problems }]);
    expect(JSON.stringify(body)).not.toContain("ada");
  });

  test.each<[string, string, object, string]>([
    [
      "which member is wrong",
      createUser,
      { input: { accountId, email: [email] } },
      `Variable "$input" got an invalid value at "input.email"; EmailAddress must be a string`,
    ],
    [
      "which member is missing",
      createUser,
      { input: { email } },
      `Variable "$input" got an invalid value; Field "accountId" of required type "ID!" was not provided.`,
    ],
    [
      "that a member is unknown, and what was probably meant",
      createUser,
      { input: { accountId, mail: email } },
      `Variable "$input" got an invalid value; Field "mail" is not defined by type "CreateUserInput". Did you mean "email"?`,
    ],
    [
      "which type is required",
      accounts,
      { first: email },
      `Variable "$first" got an invalid value; Int cannot represent non-integer value.`,
    ],
    ["which variable is missing", account, {}, `Variable "$id" of required type "ID!" was not provided.`],
    [
      "which variable may not be null",
      account,
      { id: null },
      `Variable "$id" of non-null type "ID!" must not be null.`,
    ],
  ])("the message states %s", async (_what, query, variables, message) => {
    const { body } = await post(JSON.stringify({ query, variables }));
    expect(body.errors.map((error: Error) => error.message)).toEqual([message]);
  });
});

describe("a value in the text of a query is not repeated in a message", () => {
  test.each<[string, string, string]>([
    ["a number", `{ accounts(first: "ada") { nodes { name } } }`, "Int cannot represent non-integer value."],
    [
      "an input",
      `mutation { createUser(input: "ada") { errors { code } } }`,
      `Expected value of type "CreateUserInput!".`,
    ],
    [
      "an enum's value",
      `mutation { createUser(input: { accountId: "a", userType: "ada" }) { errors { code } } }`,
      `Enum "UserType" cannot represent non-enum value.`,
    ],
    ["a field", `{ accounts "ada" { nodes { name } } }`, "Syntax Error: Expected Name, found String."],
  ])("in place of %s", async (_what, query, message) => {
    const { status, body } = await post(JSON.stringify({ query }));
    expect([status, body.errors.map((error: Error) => error.message)]).toEqual([400, [message]]);
  });

  test("nor is the name of an unknown operation", async () => {
    const { body } = await post(JSON.stringify({ query: "query A { __typename }", operationName: "ada" }));
    expect(body.errors[0].message).toBe("Unknown operation.");
  });
});
