import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const email = "ada@example.com";

/** The problems in the errors of a request, which makes no call and repeats no value. */
async function problemsOf(query: string, variables: object = {}) {
  const answer = await harness.ask(query, variables);
  expect(answer.data).toBeUndefined();
  expect(JSON.stringify(answer)).not.toMatch(/ada@|secret/i);
  expect(await harness.calls()).toEqual({});
  return answer.errors?.flatMap(({ extensions }) => extensions["problems"]);
}

const createUser = "mutation ($input: CreateUserInput!) { createUser(input: $input) { errors { code } } }";
const updateUser = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }";
const batchUpdateUser =
  "mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) { errors { code } } }";
const inviteUsers = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { errors { code } } }";
const account = "query ($id: ID!) { account(accountId: $id) { name } }";
const accounts =
  "query ($first: Int, $email: EmailAddress) { accounts(first: $first, userEmail: $email) { nodes { name } } }";
const users = 'query ($ids: [ID!]!) { users(accountId: "a", userIds: $ids) { userId } }';

describe("a variable of the wrong type is rejected with the path of the wrong value:", () => {
  const unknownLicense = `is not a value of the enum "License"`;

  test.each<[string, string, object, string[], string]>([
    [
      "an unknown field",
      createUser,
      { input: { accountId: "a", email, nickname: "secret" } },
      ["input", "nickname"],
      `is not defined by type "CreateUserInput"`,
    ],
    [
      "an unknown field with a similar name",
      createUser,
      { input: { accountId: "a", mail: email } },
      ["input", "mail"],
      `is not defined by type "CreateUserInput"`,
    ],
    [
      "an unknown field of a nested input",
      batchUpdateUser,
      {
        input: {
          accountId: "a",
          updateUserRequestItems: [
            { userId: "u", licenseType: "PRO" },
            { userId: "u", alexaForBusinessMetadata: { roomArn: "secret" } },
          ],
        },
      },
      ["input", "updateUserRequestItems", "1", "alexaForBusinessMetadata", "roomArn"],
      `is not defined by type "AlexaForBusinessMetadataInput"`,
    ],
    [
      "a required field that is missing",
      createUser,
      { input: { email } },
      ["input", "accountId"],
      "is required",
    ],
    [
      "a required field of an item",
      batchUpdateUser,
      { input: { accountId: "a", updateUserRequestItems: [{ licenseType: "PRO" }] } },
      ["input", "updateUserRequestItems", "0", "userId"],
      "is required",
    ],
    [
      "a required field that is null",
      createUser,
      { input: { accountId: null, email } },
      ["input", "accountId"],
      "must not be null",
    ],
    [
      "an item that is null",
      inviteUsers,
      { input: { accountId: "a", userEmailList: [email, null] } },
      ["input", "userEmailList", "1"],
      "must not be null",
    ],
    [
      "an unknown value of an enum",
      updateUser,
      { input: { accountId: "a", userId: "u", licenseType: "SECRET" } },
      ["input", "licenseType"],
      unknownLicense,
    ],
    [
      "a value of an enum in Chime's own spelling",
      updateUser,
      { input: { accountId: "a", userId: "u", licenseType: "Pro" } },
      ["input", "licenseType"],
      unknownLicense,
    ],
    [
      "a number for an enum",
      updateUser,
      { input: { accountId: "a", userId: "u", licenseType: 5 } },
      ["input", "licenseType"],
      `must be a value of the enum "License"`,
    ],
    [
      "a number for a text",
      createUser,
      { input: { accountId: "a", username: 42 } },
      ["input", "username"],
      "must be a string",
    ],
    [
      "a list for an address",
      createUser,
      { input: { accountId: "a", email: [email] } },
      ["input", "email"],
      "must be a string",
    ],
    [
      "an object for an address in a list",
      inviteUsers,
      { input: { accountId: "a", userEmailList: [email, { email }] } },
      ["input", "userEmailList", "1"],
      "must be a string",
    ],
    [
      "an object for an id",
      createUser,
      { input: { accountId: { secret: 1 } } },
      ["input", "accountId"],
      "must be a string or an integer",
    ],
    [
      "a text for a boolean",
      updateUser,
      {
        input: {
          accountId: "a",
          userId: "u",
          alexaForBusinessMetadata: { isAlexaForBusinessEnabled: "secret" },
        },
      },
      ["input", "alexaForBusinessMetadata", "isAlexaForBusinessEnabled"],
      "must be true or false",
    ],
    [
      "a text for an object",
      updateUser,
      { input: { accountId: "a", userId: "u", alexaForBusinessMetadata: "secret" } },
      ["input", "alexaForBusinessMetadata"],
      `must be of the type "AlexaForBusinessMetadataInput"`,
    ],
    [
      "a text for the whole",
      createUser,
      { input: email },
      ["input"],
      `must be of the type "CreateUserInput"`,
    ],
    ["a variable that is missing", account, {}, ["id"], "is required"],
    ["a variable that is null", account, { id: null }, ["id"], "must not be null"],
    ["a text for a number", accounts, { first: email }, ["first"], "must be an integer"],
    [
      "a number of more than 32 bits",
      accounts,
      { first: 2 ** 31 },
      ["first"],
      "must be an integer of 32 bits",
    ],
    ["a fraction", accounts, { first: 1.5 }, ["first"], "must be an integer"],
    ["a number for an address", accounts, { email: 5 }, ["email"], "must be a string"],
    ["an id in a list", users, { ids: ["a", ["secret"]] }, ["ids", "1"], "must be a string or an integer"],
  ])("%s", async (_what, query, variables, path, message) => {
    expect(await problemsOf(query, variables)).toEqual([{ path, message }]);
  });

  test("all of them are reported together", async () => {
    const input = { accountId: null, username: 5, userType: "ROBOT", nickname: "secret", pronouns: "secret" };
    const problems = (await problemsOf(createUser, { input })) as { path: string[] }[];
    expect(problems.map(({ path }) => path.join("."))).toEqual([
      "input.accountId",
      "input.username",
      "input.userType",
      "input.nickname",
      "input.pronouns",
    ]);
  });

  test("the message names the field, too", async () => {
    const { errors } = await harness.ask(createUser, { input: { accountId: "a", mail: email } });
    expect(errors?.map(({ message }) => message)).toEqual([
      `Variable "$input" got an invalid value; Field "mail" is not defined by type "CreateUserInput". Did you mean "email"?`,
    ]);
  });

  test.each([
    "ada@example.com",
    "Ada Lovelace",
    "+12065550100",
    "",
    'x" at "input.secret"; ',
    "a\nb",
    "naïve",
    "1st",
  ])("a field that no schema can have is not repeated: %j", async (name) => {
    const { errors } = await harness.ask(createUser, { input: { accountId: "a", [name]: "x" } });
    expect(errors).toMatchObject([
      {
        message: `Variable "$input" got an invalid value; A field is not defined by type "CreateUserInput".`,
        extensions: {
          code: "BAD_USER_INPUT",
          problems: [
            { path: ["input"], message: `has a field that is not defined by type "CreateUserInput"` },
          ],
        },
      },
    ]);
  });

  test("only the start of a very long field name is repeated", async () => {
    const { errors } = await harness.ask(createUser, { input: { accountId: "a", ["x".repeat(100_000)]: 1 } });
    expect(errors).toMatchObject([{ extensions: { problems: [{ path: ["input", `${"x".repeat(64)}…`] }] } }]);
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
  });
});
