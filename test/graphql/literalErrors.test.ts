import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

describe("a literal of the wrong type is rejected with its path:", () => {
  test.each<[string, string, string[], string]>([
    [
      "an unknown field",
      `mutation { createUser(input: { accountId: "a", nickname: "secret" }) { errors { code } } }`,
      ["input", "nickname"],
      `is not defined by type "CreateUserInput"`,
    ],
    [
      "an unknown field of a nested input",
      `mutation { batchUpdateUser(input: { accountId: "a", updateUserRequestItems: [
        { userId: "u" }, { userId: "u", alexaForBusinessMetadata: { roomArn: "secret" } }] }) { errors { code } } }`,
      ["input", "updateUserRequestItems", "1", "alexaForBusinessMetadata", "roomArn"],
      `is not defined by type "AlexaForBusinessMetadataInput"`,
    ],
    [
      "a required field that is missing",
      `mutation { createUser(input: { email: "ada@example.com" }) { errors { code } } }`,
      ["input", "accountId"],
      "is required",
    ],
    [
      "an unknown value of an enum",
      `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: SECRET }) { errors { code } } }`,
      ["input", "licenseType"],
      `is not a value of the enum "License"`,
    ],
    [
      "a text for an enum",
      `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: "PRO" }) { errors { code } } }`,
      ["input", "licenseType"],
      `must be a value of the enum "License"`,
    ],
    [
      "a number for an address",
      `mutation { inviteUsers(input: { accountId: "a", userEmailList: ["a@b.c", 5] }) { errors { code } } }`,
      ["input", "userEmailList", "1"],
      "must be a string",
    ],
    [
      "a text for a number",
      `{ accounts(first: "secret") { nodes { name } } }`,
      ["first"],
      "must be an integer",
    ],
    ["null for an id", `{ account(accountId: null) { name } }`, ["accountId"], "must not be null"],
    ["an argument that is missing", `{ account { name } }`, ["accountId"], "is required"],
    [
      "a text for an object",
      `mutation { createUser(input: "secret") { errors { code } } }`,
      ["input"],
      `must be of the type "CreateUserInput!"`,
    ],
    [
      "a variable that is not defined",
      `{ account(accountId: $secretId) { name } }`,
      ["accountId"],
      "uses a variable that is not defined",
    ],
    [
      "an unknown argument",
      `{ account(accountId: "a", secretly: true) { name } }`,
      ["secretly"],
      `is not an argument of the field "Query.account"`,
    ],
    [
      "a variable's default",
      `query ($first: Int = "secret") { accounts(first: $first) { nodes { name } } }`,
      ["first"],
      "must be an integer",
    ],
  ])("%s", async (what, query, path, message) => {
    const answer = await harness.ask(query);
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: "GRAPHQL_VALIDATION_FAILED", problems: [{ path, message }] },
    ]);
    if (!/^an? (unknown argument|variable that)/.test(what))
      expect(JSON.stringify(answer)).not.toMatch(/secret|ada@/i);
    expect(await harness.calls()).toEqual({});
  });

  test("a missing variable within an input", async () => {
    const query = `query ($id: ID = "a") { account(accountId: $id) { name } }`;
    expect((await harness.ask(query, { id: null })).errors).toMatchObject([
      {
        extensions: {
          code: "BAD_USER_INPUT",
          problems: [{ path: ["accountId"], message: "must not be null" }],
        },
      },
    ]);
  });

  test("an error in the query itself has no problems", async () => {
    const { errors } = await harness.ask('{ account(accountId: "a") { nothing } }');
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: "GRAPHQL_VALIDATION_FAILED" }]);
  });
});
