import { ListAccountsCommand, ListUsersCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const { teamAccountId: accountId, userId, userEmail } = SEED;
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

/** What comes along when text is copied, by what it comes from. */
const around: readonly [string, string, string][] = [
  ["spaces", "  ", " "],
  ["tabs and line breaks", "\t", "\r\n"],
  ["non-breaking spaces", "\u00a0", "\u202f"],
  ["wide and thin spaces", "\u3000\u2003", "\u2009\u205f"],
  ["a line and a paragraph separator", "\u2028", "\u2029"],
  ["a next line, an ogham space", "\u0085", "\u1680"],
  ["a byte order mark, a zero-width space", "\ufeff", "\u200b"],
  ["a word joiner", "\u2060 ", " \u2060"],
  ["direction marks, a soft hyphen", "\u200e\u200f\u061c", "\u200f\u00ad"],
  ["an embedding and an override", "\u202a\u202d", "\u202c\u202c"],
  ["isolates", "\u2066\u2068", "\u2069 \u2069"],
];

const mutations = {
  createUser: `mutation ($input: CreateUserInput!) {
    answer: createUser(input: $input) { user { primaryEmail displayName } errors { code path message } } }`,
  inviteUsers: `mutation ($input: InviteUsersInput!) {
    answer: inviteUsers(input: $input) {
      invites { emailAddress } inviteErrors { index emailAddress } errors { code path message } } }`,
  createAccount: `mutation ($input: CreateAccountInput!) {
    answer: createAccount(input: $input) { account { name } errors { code path message } } }`,
  updateAccount: `mutation ($input: UpdateAccountInput!) {
    answer: updateAccount(input: $input) { account { name } errors { code path message } } }`,
  associate: `mutation ($input: AssociateSigninDelegateGroupsWithAccountInput!) {
    answer: associateSigninDelegateGroupsWithAccount(input: $input) {
      account { signinDelegateGroups { groupName } } errors { code path message } } }`,
  disassociate: `mutation ($input: DisassociateSigninDelegateGroupsFromAccountInput!) {
    answer: disassociateSigninDelegateGroupsFromAccount(input: $input) {
      account { signinDelegateGroups { groupName } } errors { code path message } } }`,
  updateUser: `mutation ($input: UpdateUserInput!) {
    answer: updateUser(input: $input) {
      user { alexaForBusinessMetadata { alexaForBusinessRoomArn } } errors { code path message } } }`,
  batchUpdateUser: `mutation ($input: BatchUpdateUserInput!) {
    answer: batchUpdateUser(input: $input) {
      users { alexaForBusinessMetadata { alexaForBusinessRoomArn } } errors { code path message } } }`,
};

const mutate = async (name: keyof typeof mutations, input: object) =>
  (await harness.ask(mutations[name], { input })).data.answer;

describe.each(around)("%s around a value are trimmed:", (_what, before, after) => {
  const pasted = (text: string) => before + text + after;

  test("a new user's address and name", async () => {
    expect(
      await mutate("createUser", { accountId, email: pasted("ada@example.com"), username: pasted("Ada L.") }),
    ).toEqual({ user: { primaryEmail: "ada@example.com", displayName: "Ada L." }, errors: [] });
    const { Users } = await harness.chime.send(
      new ListUsersCommand({ AccountId: accountId, UserEmail: "ada@example.com" }),
    );
    expect(Users).toMatchObject([{ PrimaryEmail: "ada@example.com", DisplayName: "Ada L." }]);
  });

  test("a new user's address, which is taken", async () => {
    expect(await mutate("createUser", { accountId, email: pasted(userEmail) })).toMatchObject({
      user: null,
      errors: [{ code: "CONFLICT" }],
    });
  });

  test("addresses that are invited", async () => {
    expect(
      await mutate("inviteUsers", {
        accountId,
        userEmailList: [pasted("ada@example.com"), "ADA@example.com", pasted("bob@example.com")],
      }),
    ).toEqual({
      invites: ["ada@example.com", "ada@example.com", "bob@example.com"].map((emailAddress) => ({
        emailAddress,
      })),
      inviteErrors: [],
      errors: [],
    });
    expect(await harness.calls()).toEqual({ InviteUsers: 1 });
    const { Users = [] } = await harness.chime.send(new ListUsersCommand({ AccountId: accountId }));
    const emails = Users.map(({ PrimaryEmail }) => PrimaryEmail);
    expect(emails.filter((email) => /ada@|bob@/i.test(email ?? ""))).toEqual([
      "ada@example.com",
      "bob@example.com",
    ]);
  });

  test("an account's name", async () => {
    expect(await mutate("createAccount", { name: pasted("New  Studio") })).toEqual({
      account: { name: "New  Studio" },
      errors: [],
    });
    expect(await mutate("updateAccount", { accountId, name: pasted("Old Studio") })).toEqual({
      account: { name: "Old Studio" },
      errors: [],
    });
    for (const Name of ["New  Studio", "Old Studio"]) {
      const { Accounts } = await harness.chime.send(new ListAccountsCommand({ Name }));
      expect(Accounts).toMatchObject([{ Name }]);
    }
  });

  test("a name of 100 characters", async () => {
    const name = "x".repeat(100);
    expect(await mutate("createAccount", { name: pasted(name) })).toEqual({ account: { name }, errors: [] });
  });

  test("names of groups, each of which is sent once", async () => {
    const groupsOf = ({ account }: { account: { signinDelegateGroups: { groupName: string }[] } }) =>
      account.signinDelegateGroups.map(({ groupName }) => groupName);
    const added = groupsOf(
      await mutate("associate", { accountId, groupNames: [pasted("desk one"), "desk one", pasted("two")] }),
    );
    expect(added.filter((name) => /one|two/.test(name))).toEqual(["desk one", "two"]);
    expect(groupsOf(await mutate("disassociate", { accountId, groupNames: [pasted("desk one")] }))).toEqual(
      added.filter((name) => name !== "desk one"),
    );
  });

  test("the ARN of a room", async () => {
    const arn = "arn:aws:a4b:us-east-1:111122223333:room/a/b";
    const alexaForBusinessMetadata = { alexaForBusinessRoomArn: pasted(arn) };
    const user = { alexaForBusinessMetadata: { alexaForBusinessRoomArn: arn } };
    expect(await mutate("updateUser", { accountId, userId, alexaForBusinessMetadata })).toEqual({
      user,
      errors: [],
    });
    // With and without white space it is the same change.
    const updateUserRequestItems = [
      { userId, alexaForBusinessMetadata },
      { userId, alexaForBusinessMetadata: { alexaForBusinessRoomArn: arn } },
    ];
    expect(await mutate("batchUpdateUser", { accountId, updateUserRequestItems })).toEqual({
      users: [user, user],
      errors: [],
    });
  });

  test("filters", async () => {
    const { data, errors } = await harness.ask(
      `query ($email: EmailAddress!, $prefix: String, $accountId: ID!) {
        userByEmail(email: $email) { userId }
        accounts(namePrefix: $prefix) { nodes { accountId } }
        byEmail: accounts(userEmail: $email) { nodes { accountId } }
        account(accountId: $accountId) { users(userEmail: $email) { nodes { userId } } }
      }`,
      { email: pasted(userEmail), prefix: pasted("Harbor Street Studio"), accountId },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      userByEmail: { userId },
      accounts: { nodes: [{ accountId }] },
      byEmail: { nodes: [{ accountId }] },
      account: { users: { nodes: [{ userId }] } },
    });
  });
});

test("a cursor is valid for the same filter with white space around it", async () => {
  const query = `query ($email: EmailAddress, $after: String) {
    accounts(userEmail: $email, after: $after) { pageInfo { endCursor } nodes { name } } }`;
  const { data } = await harness.ask(query, { email: userEmail });
  const after = data.accounts.pageInfo.endCursor;
  expect(await harness.ask(query, { email: `\t${userEmail} `, after })).toEqual({
    data: { accounts: { nodes: [], pageInfo: { endCursor: null } } },
  });
});

describe("a name is rejected by its path, and nothing is sent,", () => {
  const rejections = async (name: string) => [
    (await mutate("createAccount", { name })).errors,
    (await mutate("updateAccount", { accountId, name })).errors,
    (await mutate("createUser", { accountId, username: name })).errors,
    (await mutate("createUser", { accountId, username: name, email: "ada@example.com" })).errors,
    (await mutate("associate", { accountId, groupNames: [name] })).errors,
    (await mutate("disassociate", { accountId, groupNames: ["desk", name] })).errors,
  ];
  const paths = [["name"], ["name"], ["username"], ["username"], ["groupNames", "0"], ["groupNames", "1"]];

  test.each([
    "",
    " ",
    "\t\r\n",
    "\u00a0\u2003\u3000",
    "\u200b",
    "\ufeff\u2060",
    "\u200d",
    "\u00ad",
    "\u3164",
    "\u2800",
    "\u0085",
  ])("if it is invisible: %j", async (name) => {
    expect(await rejections(name)).toEqual(
      paths.map((path) => [{ code: "BAD_REQUEST", path, message: "must not be blank" }]),
    );
    const { errors } = await harness.ask(
      "query ($p: String) { accounts(namePrefix: $p) { nodes { name } } }",
      {
        p: name,
      },
    );
    expect(errors).toMatchObject([
      { extensions: { problems: [{ path: ["namePrefix"], message: "must not be blank" }] } },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test.each([
    "a\u0000b",
    "a\tb",
    "a\nb",
    "a\u001bb",
    "a\u007fb",
    "a\u0085b",
    "a\u2028b",
    "a\ufffdb",
    "a\ud800",
  ])("if it has invalid characters: %j", async (name) => {
    const message = "must not contain control characters, line breaks, half a surrogate pair or U+FFFD";
    expect(await rejections(name)).toEqual(paths.map((path) => [{ code: "BAD_REQUEST", path, message }]));
    expect(await harness.calls()).toEqual({});
  });

  test("but its inner white space is kept", async () => {
    for (const name of ["Zoë  &\u00a0Søn", "👩‍💻 team", "می\u200cخواهم", "Müller GmbH & Co. <KG>"])
      expect(await mutate("createAccount", { name })).toEqual({ account: { name }, errors: [] });
  });
});

test("white space does not remove a room", async () => {
  const change = (alexaForBusinessRoomArn: string) =>
    mutate("updateUser", { accountId, userId, alexaForBusinessMetadata: { alexaForBusinessRoomArn } });
  expect(await change(" \t")).toEqual({
    user: null,
    errors: [
      {
        code: "BAD_REQUEST",
        path: ["alexaForBusinessMetadata", "alexaForBusinessRoomArn"],
        message: "must not be blank",
      },
    ],
  });
  expect(await harness.calls()).toEqual({});
  expect(await change("")).toEqual({
    user: { alexaForBusinessMetadata: { alexaForBusinessRoomArn: null } },
    errors: [],
  });
});

test("a text of more than 10,000 characters is invalid, whatever its white space", async () => {
  const blank = " ".repeat(4_000);
  expect(await mutate("createAccount", { name: `${blank}b${blank}` })).toEqual({
    account: { name: "b" },
    errors: [],
  });
  expect((await mutate("createAccount", { name: " ".repeat(10_001) })).errors).toEqual([
    { code: "BAD_REQUEST", path: ["name"], message: "must be at most 10000 characters" },
  ]);
});
