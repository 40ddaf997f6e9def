import { GetAccountCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, smallAccountId, teamAccountId } = SEED;

const accountQuery = `query ($accountId: ID!) { account(accountId: $accountId) {
  accountId awsAccountId name accountType accountStatus createdTimestamp defaultLicense supportedLicenses
  signinDelegateGroups { groupName }
} }`;

async function accountInChime(accountId: string) {
  const { Account } = await harness.chime.send(new GetAccountCommand({ AccountId: accountId }));
  return Account;
}

describe("account", () => {
  test("has every field that Chime reports, with GraphQL's enum values and ISO 8601 dates", async () => {
    const chime = await accountInChime(largeAccountId);

    expect(await harness.ask(accountQuery, { accountId: largeAccountId })).toEqual({
      data: {
        account: {
          accountId: largeAccountId,
          awsAccountId: chime?.AwsAccountId,
          name: chime?.Name,
          accountType: "ENTERPRISE_DIRECTORY",
          accountStatus: "ACTIVE",
          createdTimestamp: chime?.CreatedTimestamp?.toISOString(),
          defaultLicense: "PRO",
          supportedLicenses: ["BASIC", "PLUS", "PRO", "PRO_TRIAL"],
          signinDelegateGroups: chime?.SigninDelegateGroups?.map(({ GroupName }) => ({
            groupName: GroupName,
          })),
        },
      },
    });
  });

  test("that does not exist is null without an error", async () => {
    expect(await harness.ask(accountQuery, { accountId: "no-such-account" })).toEqual({
      data: { account: null },
    });
  });

  test.each(["", ".", "..", "a/b", "a b", "a%2Fb", "x".repeat(129)])(
    "with the id '%s' makes no call to Chime",
    async (accountId) => {
      const { data, errors } = await harness.ask(accountQuery, { accountId });

      expect(data).toEqual({ account: null });
      expect(errors).toMatchObject([
        {
          path: ["account"],
          extensions: {
            code: "BAD_USER_INPUT",
            problems: [{ path: ["accountId"], message: "must be 1 to 128 letters, digits, '-' or '_'" }],
          },
        },
      ]);
      expect(await harness.calls()).toEqual({});
    },
  );
});

describe("accounts", () => {
  const names = `query ($first: Int, $after: String, $namePrefix: String, $userEmail: EmailAddress) {
    accounts(first: $first, after: $after, namePrefix: $namePrefix, userEmail: $userEmail) {
      nodes { name }
      edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

  test("has all accounts, and no next page", async () => {
    const { data } = await harness.ask(names);
    const { nodes, edges, pageInfo } = data.accounts;

    expect(nodes.length).toBeGreaterThan(4);
    expect(edges.map(({ node }: { node: unknown }) => node)).toEqual(nodes);
    expect(pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: edges[0].cursor,
      endCursor: edges.at(-1).cursor,
    });
  });

  test("continues after any edge, not only after the last one of a page", async () => {
    const { data } = await harness.ask(names);
    const { edges } = data.accounts;

    for (const [index, { cursor }] of edges.entries()) {
      const rest = await harness.ask(names, { after: cursor, first: 2 });
      expect(rest.data.accounts.nodes).toEqual(
        edges.slice(index + 1, index + 3).map(({ node }: { node: unknown }) => node),
      );
    }
  });

  test("can be filtered by a prefix of the name", async () => {
    const chime = await accountInChime(teamAccountId);
    const { data } = await harness.ask(names, { namePrefix: chime?.Name?.slice(0, 5) });

    expect(data.accounts.nodes).toEqual([{ name: chime?.Name }]);
  });

  test("can be filtered by a user's e-mail address", async () => {
    const chime = await accountInChime(teamAccountId);
    const { data } = await harness.ask(names, { userEmail: SEED.userEmail });

    expect(data.accounts.nodes).toEqual([{ name: chime?.Name }]);
  });

  test("reports all invalid arguments together", async () => {
    const { errors } = await harness.ask(names, { first: 0, namePrefix: "   ", userEmail: "ada" });

    expect(errors).toMatchObject([
      {
        message:
          "first must be at least 1; namePrefix must not be blank; userEmail must be an e-mail address",
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
    expect(await harness.calls()).toEqual({});
  });
});

const accountFields =
  "account { accountId name defaultLicense signinDelegateGroups { groupName } } errors { code path message }";
const createAccount = `mutation ($input: CreateAccountInput!) { createAccount(input: $input) { ${accountFields} } }`;
const updateAccount = `mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { ${accountFields} } }`;
const associate = `mutation ($input: AssociateSigninDelegateGroupsWithAccountInput!) {
  associateSigninDelegateGroupsWithAccount(input: $input) { ${accountFields} } }`;
const disassociate = `mutation ($input: DisassociateSigninDelegateGroupsFromAccountInput!) {
  disassociateSigninDelegateGroupsFromAccount(input: $input) { ${accountFields} } }`;

describe("createAccount", () => {
  test("creates a Team account and returns it in one call", async () => {
    const { data } = await harness.ask(
      `mutation { createAccount(input: { name: "Bluebird" }) {
        account { accountId name accountType accountStatus defaultLicense supportedLicenses signinDelegateGroups { groupName } }
        errors { code }
      } }`,
    );
    const { account, errors } = data.createAccount;

    expect(errors).toEqual([]);
    expect(account).toEqual({
      accountId: account.accountId,
      name: "Bluebird",
      accountType: "TEAM",
      accountStatus: "ACTIVE",
      defaultLicense: "PRO",
      supportedLicenses: ["BASIC", "PRO"],
      signinDelegateGroups: [],
    });
    expect(await harness.calls()).toEqual({ CreateAccount: 1 });
    expect((await accountInChime(account.accountId))?.Name).toBe("Bluebird");
  });

  test.each([
    ["", "must not be blank"],
    [" \t", "must not be blank"],
    ["x".repeat(101), "must be at most 100 characters"],
  ])("rejects the name '%s' before any call to Chime", async (name, message) => {
    const { data } = await harness.ask(createAccount, { input: { name } });

    expect(data.createAccount).toEqual({
      account: null,
      errors: [{ code: "BAD_REQUEST", path: ["name"], message }],
    });
    expect(await harness.calls()).toEqual({});
  });
});

describe("updateAccount", () => {
  test("changes the name, the default license, or both", async () => {
    const change = async (input: object) =>
      (await harness.ask(updateAccount, { input: { accountId: largeAccountId, ...input } })).data
        .updateAccount;

    expect(await change({ name: "North" })).toMatchObject({
      account: { name: "North", defaultLicense: "PRO" },
      errors: [],
    });
    expect(await change({ defaultLicense: "BASIC" })).toMatchObject({
      account: { name: "North", defaultLicense: "BASIC" },
      errors: [],
    });
    expect(await change({ name: "South", defaultLicense: "PLUS" })).toMatchObject({
      account: { name: "South", defaultLicense: "PLUS" },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ UpdateAccount: 3 });
  });

  test("requires at least one change, and reports all issues together", async () => {
    const { data } = await harness.ask(updateAccount, { input: { accountId: "a/b" } });

    expect(data.updateAccount.errors.map(({ path }: { path: string[] }) => path)).toEqual([
      ["accountId"],
      ["name"],
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test("of a missing account returns NOT_FOUND", async () => {
    expect(await harness.ask(updateAccount, { input: { accountId: "no-such-account", name: "X" } })).toEqual({
      data: {
        updateAccount: {
          account: null,
          errors: [{ code: "NOT_FOUND", path: ["accountId"], message: "is not the id of an account" }],
        },
      },
    });
  });

  test("to an unsupported license returns BAD_REQUEST", async () => {
    const { data } = await harness.ask(updateAccount, {
      input: { accountId: teamAccountId, defaultLicense: "PLUS" },
    });

    expect(data.updateAccount).toMatchObject({
      account: null,
      errors: [{ code: "BAD_REQUEST", path: ["defaultLicense"] }],
    });
  });
});

describe("sign-in delegate groups", () => {
  const groupsOf = (payload: { account: { signinDelegateGroups: { groupName: string }[] } }) =>
    payload.account.signinDelegateGroups.map(({ groupName }) => groupName);

  test("are added and removed, and the account is read again", async () => {
    const added = await harness.ask(associate, {
      input: { accountId: smallAccountId, groupNames: ["it-desk", "it-desk", "assistants"] },
    });
    const groups = groupsOf(added.data.associateSigninDelegateGroupsWithAccount);
    expect(groups).toEqual(expect.arrayContaining(["it-desk", "assistants"]));
    expect(groups.filter((name) => name === "it-desk")).toHaveLength(1);

    const removed = await harness.ask(disassociate, {
      input: { accountId: smallAccountId, groupNames: ["it-desk"] },
    });
    expect(groupsOf(removed.data.disassociateSigninDelegateGroupsFromAccount)).toEqual(
      groups.filter((name) => name !== "it-desk"),
    );
    expect(await harness.calls()).toEqual({
      AssociateSigninDelegateGroupsWithAccount: 1,
      DisassociateSigninDelegateGroupsFromAccount: 1,
      GetAccount: 2,
    });
  });

  test("do not read an account that is not selected", async () => {
    await harness.ask(
      `mutation ($input: AssociateSigninDelegateGroupsWithAccountInput!) {
        associateSigninDelegateGroupsWithAccount(input: $input) { errors { code } } }`,
      { input: { accountId: smallAccountId, groupNames: ["it-desk"] } },
    );

    expect(await harness.calls()).toEqual({ AssociateSigninDelegateGroupsWithAccount: 1 });
  });

  test.each([associate, disassociate])(
    "an empty list and blank names are rejected by name",
    async (mutation) => {
      const errorsOf = async (groupNames: string[]) => {
        const { data } = await harness.ask(mutation, { input: { accountId: smallAccountId, groupNames } });
        return (Object.values(data)[0] as { errors: unknown }).errors;
      };

      expect(await errorsOf([])).toMatchObject([{ code: "BAD_REQUEST", path: ["groupNames"] }]);
      expect(await errorsOf(["a", " ", ""])).toMatchObject([
        { code: "BAD_REQUEST", path: ["groupNames", "1"] },
        { code: "BAD_REQUEST", path: ["groupNames", "2"] },
      ]);
      expect(await harness.calls()).toEqual({});
    },
  );
});
