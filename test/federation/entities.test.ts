import { ListUsersCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, userEmail, twoHundredAccountId } = SEED;

/** Asks as a router does. */
const entities = (representations: readonly unknown[], fields = "userId displayName") =>
  harness.ask(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      __typename ... on Account { accountId name } ... on User { ${fields} } } }`,
    { representations },
  );

interface Row {
  readonly userId: string;
  readonly email: string;
  readonly name: string | null;
}

/** Users of an account as Chime lists them. */
async function rows(accountId: string, count: number): Promise<Row[]> {
  const { Users = [] } = await harness.chime.send(
    new ListUsersCommand({ AccountId: accountId, MaxResults: count }),
  );
  await harness.forgetCalls();
  return Users.map(({ UserId = "", PrimaryEmail = "", DisplayName = null }) => ({
    userId: UserId,
    email: PrimaryEmail,
    name: DisplayName,
  }));
}

const user = ({ userId, name }: Row) => ({ __typename: "User", userId, displayName: name });
const byId = (accountId: string) => (userId: string) => ({ __typename: "User", accountId, userId });
const byEmail = (primaryEmail: string | null) => ({ __typename: "User", primaryEmail });

describe("a router finds", () => {
  test("accounts by id and by accountId, users by id, by accountId and userId, and by e-mail", async () => {
    const { data, errors } = await entities([
      { __typename: "Account", id: accountGlobalId(accountId) },
      { __typename: "Account", accountId },
      { __typename: "User", id: userGlobalId({ accountId, userId }) },
      byId(accountId)(userId),
      byEmail(userEmail),
    ]);
    const account = { __typename: "Account", accountId, name: "Harbor Street Studio" };
    const amara = { __typename: "User", userId, displayName: "Amara Okafor" };

    expect(errors).toBeUndefined();
    expect(data._entities).toEqual([account, account, amara, amara, amara]);
  });

  test("settings of each type only for the objects of that type", async () => {
    const representations = [{ __typename: "Account", accountId }, byId(accountId)(userId)];
    const ofAccount = "... on Account { settings { enableDialOut } }";
    const ofUser = "... on User { userSettings: settings { telephony { sms } } }";
    for (const [fragments, calls] of [
      [ofAccount, { GetAccountSettings: 1 }],
      [ofUser, { GetUserSettings: 1 }],
      [`${ofAccount} ${ofUser}`, { GetAccountSettings: 1, GetUserSettings: 1 }],
    ] as const) {
      await harness.forgetCalls();
      const { errors } = await harness.ask(
        `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${fragments} } }`,
        { representations },
      );
      expect(errors).toBeUndefined();
      expect(await harness.calls()).toEqual({ GetUser: 1, GetAccount: 1, ...calls });
    }
  });

  test("100 users of an account of 200 in one ListUsers, and null for an unknown one", async () => {
    const users = await rows(twoHundredAccountId, 100);
    const ids = [...users.map(({ userId }) => userId), "nobody"];

    expect(await entities(ids.map(byId(twoHundredAccountId)))).toEqual({
      data: { _entities: [...users.map(user), null] },
    });
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("100 users by e-mail of an account of 200 in two calls", async () => {
    const users = await rows(twoHundredAccountId, 100);

    expect(await entities(users.map(({ email }) => byEmail(email)))).toEqual({
      data: { _entities: users.map(user) },
    });
    expect(await harness.calls()).toEqual({ ListAccounts: 1, ListUsers: 1 });
  });

  test("users by e-mail of several accounts in about two calls an account, and null for unknown ones", async () => {
    const users = [
      ...(await rows(accountId, 16)),
      ...(await rows(twoHundredAccountId, 50)),
      ...(await rows(SEED.smallAccountId, 4)),
    ];
    const emails = ["nobody@example.com", ...users.map(({ email }) => email)];

    expect(await entities(emails.map(byEmail))).toEqual({ data: { _entities: [null, ...users.map(user)] } });
    expect(await harness.calls()).toEqual({ ListAccounts: 5, ListUsers: 3 });
  });

  test("users by e-mail, ignoring letter case", async () => {
    const users = await rows(accountId, 5);

    expect(await entities(users.map(({ email }) => byEmail(email.toUpperCase())))).toEqual({
      data: { _entities: users.map(user) },
    });
  });

  test("fields that lists lack, such as the PIN, of users by e-mail", async () => {
    const users = await rows(accountId, 5);
    const { data } = await entities(
      users.map(({ email }) => byEmail(email)),
      "userId personalPin invitedOn",
    );

    for (const [index, { userId }] of users.entries())
      expect(data._entities[index]).toEqual({
        __typename: "User",
        userId,
        personalPin: expect.stringMatching(/^\d+$/),
        invitedOn: expect.stringMatching(/^2019-/),
      });
    expect(await harness.calls()).toEqual({ ListAccounts: 1, ListUsers: 1, GetUser: 5 });
  });

  test("users by an e-mail with white space around it, at the position of its representation", async () => {
    const users = await rows(accountId, 3);
    const emails = users.map(({ email }, index) => `${["\t", "\u00a0", " "][index]}${email}\n`);

    expect(await entities(["nobody@example.com ", ...emails].map(byEmail))).toEqual({
      data: { _entities: [null, ...users.map(user)] },
    });
  });
});

describe("the first complete key without null is used, whatever else a representation has:", () => {
  const id = userGlobalId({ accountId, userId });
  const nobody = "nobody@example.com";
  const amara = { __typename: "User", userId, displayName: "Amara Okafor" };
  const harbor = { __typename: "Account", accountId, name: "Harbor Street Studio" };

  test.each<[string, object, object]>([
    ["id, though the address is null", { primaryEmail: null, id }, { GetUser: 1 }],
    [
      "id, though all else is null",
      { primaryEmail: null, accountId: null, userId: null, id },
      { GetUser: 1 },
    ],
    ["id before all else", { primaryEmail: nobody, accountId: "x", userId: "y", id }, { GetUser: 1 }],
    ["id before half of the ids", { userId: "y", id }, { GetUser: 1 }],
    ["both ids, though id is null", { id: null, accountId, userId }, { GetUser: 1 }],
    ["both ids before the address", { accountId, userId, primaryEmail: nobody }, { GetUser: 1 }],
    ["both ids, though the address is null", { accountId, userId, primaryEmail: null }, { GetUser: 1 }],
    [
      "the address, though id is null",
      { id: null, primaryEmail: userEmail },
      { ListAccounts: 1, ListUsers: 1 },
    ],
    [
      "the address, though one of the ids is null",
      { accountId: null, userId, primaryEmail: userEmail },
      { ListAccounts: 1, ListUsers: 1 },
    ],
    [
      "the address, though one of the ids is missing",
      { accountId, primaryEmail: userEmail },
      { ListAccounts: 1, ListUsers: 1 },
    ],
  ])("of a user %s", async (_what, key, calls) => {
    expect(await entities([{ __typename: "User", ...key }])).toEqual({ data: { _entities: [amara] } });
    expect(await harness.calls()).toEqual(calls);
  });

  test.each<[string, object]>([
    ["id before accountId", { id: accountGlobalId(accountId), accountId: "x" }],
    ["id, though accountId is null", { accountId: null, id: accountGlobalId(accountId) }],
    ["accountId, though id is null", { id: null, accountId }],
    ["accountId, whatever belongs to no key", { accountId, name: null, userId: 5 }],
  ])("of an account %s", async (_what, key) => {
    expect(await entities([{ __typename: "Account", ...key }])).toEqual({ data: { _entities: [harbor] } });
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });
});

describe("an entity that fails", () => {
  test("by id does not affect the others", async () => {
    const users = await rows(accountId, 5);
    const failing = users[2]?.userId ?? "";
    await harness.fault({ operation: "GetUser", path: failing, kind: "500" });
    const { data, errors } = await entities(
      users.map(({ userId }) => byId(accountId)(userId)),
      "userId personalPin",
    );

    expect(data._entities.map((entity: Row | null) => entity?.userId ?? null)).toEqual(
      users.map(({ userId }) => (userId === failing ? null : userId)),
    );
    expect(errors).toMatchObject([
      {
        path: ["_entities", 2],
        extensions: { code: "UPSTREAM_UNAVAILABLE", chime: { operation: "GetUser" } },
      },
    ]);
  });

  test("by e-mail does not affect the others", async () => {
    const [first, second] = await rows(accountId, 2);
    if (!first || !second) throw new Error("The seed has both.");
    await harness.fault({
      operation: "ListAccounts",
      path: first.email.slice(0, first.email.indexOf("@")),
      kind: "500",
    });
    const { data, errors } = await entities([byEmail(first.email), byEmail(second.email)]);

    expect(data._entities).toEqual([null, user(second)]);
    expect(errors).toMatchObject([{ path: ["_entities", 0], extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
  });

  test.each([
    ["a user id that would be another path", { __typename: "User", accountId, userId: "../x" }, "userId"],
    ["a user id without its account's", { __typename: "User", userId }, "accountId"],
    ["an invalid e-mail address", byEmail("secret"), "primaryEmail"],
    ["an id that was never given out", { __typename: "User", id: "junk" }, "id"],
    ["another account id", { __typename: "Account", accountId: "a/b" }, "accountId"],
    ["no key of an account", { __typename: "Account" }, "id"],
    ["no key of a user", { __typename: "User", displayName: "Amara" }, "id"],
    ["an id of null", { __typename: "User", id: null }, "id"],
    ["an address of null", byEmail(null), "primaryEmail"],
    ["nothing but nulls", { __typename: "User", id: null, accountId: null, primaryEmail: null }, "id"],
    ["an account's id of null", { __typename: "Account", accountId: null }, "accountId"],
    [
      "half of the ids, and an address of null",
      { __typename: "User", accountId, primaryEmail: null },
      "userId",
    ],
    ["half of the ids, the other null", { __typename: "User", accountId: null, userId }, "accountId"],
    ["an id that is a number", { __typename: "User", id: 5, primaryEmail: userEmail }, "id"],
    ["an id that is an object", { __typename: "Account", id: {}, accountId }, "id"],
    ["a user id that is a list", { __typename: "User", accountId, userId: [userId] }, "userId"],
    ["an account id that is a boolean", { __typename: "Account", accountId: true }, "accountId"],
    ["an address that is a number", { __typename: "User", primaryEmail: 5 }, "primaryEmail"],
    ["an address that is empty", byEmail(""), "primaryEmail"],
    ["an address with a name", byEmail(`secret <${userEmail}>`), "primaryEmail"],
    ["an id that is empty", { __typename: "User", id: "", accountId, userId }, "id"],
    ["a user's id for an account", { __typename: "Account", id: userGlobalId({ accountId, userId }) }, "id"],
    ["an account's id for a user", { __typename: "User", id: accountGlobalId(accountId) }, "id"],
    ["a type that is not an entity", { __typename: "SigninDelegateGroup", groupName: "x" }, "__typename"],
    ["a type that does not exist", { __typename: "Desk" }, "__typename"],
    ["no type", { userId }, "__typename"],
    ["no object", "secret", "__typename"],
  ])("because of its representation does not either: %s", async (_what, representation, path) => {
    const { data, errors } = await entities([representation, byId(accountId)(userId)]);

    expect(data._entities).toEqual([null, { __typename: "User", userId, displayName: "Amara Okafor" }]);
    expect(errors).toMatchObject([
      { path: ["_entities", 0], extensions: { code: "BAD_USER_INPUT", problems: [{ path: [path] }] } },
    ]);
    expect(JSON.stringify(errors)).not.toContain("secret");
    expect(await harness.calls()).toEqual({ GetUser: 1 });
  });
});
