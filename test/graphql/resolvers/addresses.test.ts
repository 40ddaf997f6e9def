import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const { teamAccountId: accountId } = SEED;
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

const mutations = {
  createUser: `mutation ($input: CreateUserInput!) {
    answer: createUser(input: $input) { user { primaryEmail displayName } errors { code path message } } }`,
  inviteUsers: `mutation ($input: InviteUsersInput!) {
    answer: inviteUsers(input: $input) {
      results { outcome error { code path message } } errors { code path message } } }`,
};

const mutate = async (name: keyof typeof mutations, input: object) =>
  (await harness.ask(mutations[name], { input })).data.answer;

describe("a value that is not a single address is rejected by its path, and nothing is sent:", () => {
  test.each([
    "Ada Lovelace <ada@example.com>",
    "Ada<ada@example.com>",
    "<ada@example.com>",
    '"Ada" <ada@example.com>',
    "ada@example.com (Ada)",
    "mailto:ada@example.com",
    "ada@example.com, bob@example.com",
    "ada@example.com;",
    "ada@@example.com",
    "ada@bob@example.com",
    "ada@bob\uff20example.com",
    "ada@bob\ufe6bexample.com",
    "\u2800ada@example.com",
    "ada@example.com/b",
    "ada@example.com?b",
    "ada@example.com#b",
    "ada@-example.com",
    "ada@example-.com",
    "ada@mail.-example.com",
    "ada@example.com-",
    "@ada@example.com",
    "ada@example.com@",
    "ada lovelace@example.com",
    "ada@exam ple.com",
    "ada@example .com",
    "ada\t@example.com",
    "ada@\nexample.com",
    "ada@exam\u00a0ple.com",
    "ada@exam\u3000ple.com",
    "ada\u2028@example.com",
    "ada\u200b@example.com",
    "ada\u00ad@example.com",
    "ada\u202a@example.com",
    "ada@\u200eexample.com",
    "ada\u0000@example.com",
    "ada\u0007@example.com",
    "ada\u001b@example.com",
    "ada\u007f@example.com",
    "ada\u0090@example.com",
    "ada\ufffd@example.com",
    "ada\ud800@example.com",
    "ada",
    "ada@example",
    "@example.com",
    "ada@.com",
    "ada@example.",
    "ada@example.com.",
    "ada@example..com",
    "ada@.example.com",
    "",
    " \t ",
    `${"a".repeat(310)}@example.com`,
  ])("%j", async (email) => {
    const problem = { code: "BAD_REQUEST", message: expect.stringMatching(/^must /) };
    expect(await mutate("createUser", { accountId, email })).toEqual({
      user: null,
      errors: [{ ...problem, path: ["email"] }],
    });
    expect(await mutate("inviteUsers", { accountId, userEmailList: [email] })).toEqual({
      results: [{ outcome: "NOT_DONE", error: { ...problem, path: ["userEmailList", "0"] } }],
      errors: [],
    });
    const { data, errors } = await harness.ask(
      `query ($email: EmailAddress!, $accountId: ID!) {
        userByEmail(email: $email) { userId }
        account(accountId: $accountId) { users(userEmail: $email) { nodes { userId } } }
      }`,
      { email, accountId },
    );
    expect(data.userByEmail).toBeNull();
    expect(errors?.map(({ extensions }) => [extensions.code, extensions["problems"]])).toEqual([
      ["BAD_USER_INPUT", [{ path: ["email"], message: problem.message }]],
      ["BAD_USER_INPUT", [{ path: ["userEmail"], message: problem.message }]],
    ]);
    const accounts = await harness.ask(
      "query ($email: EmailAddress) { accounts(userEmail: $email) { nodes { name } } }",
      { email },
    );
    expect(accounts.errors).toMatchObject([{ extensions: { problems: [{ path: ["userEmail"] }] } }]);
    expect(Object.keys(await harness.calls())).toEqual(["GetAccount"]);
  });

  test.each([
    "a@b.c",
    "o'brien+chime@mail.example.co.uk",
    "zoë@exämple.de",
    "ada.lovelace_1@example.com",
    "用户@例子.广告",
  ])("%s is valid", async (email) => {
    expect(await mutate("createUser", { accountId, email })).toEqual({
      user: { primaryEmail: email, displayName: null },
      errors: [],
    });
  });
});
