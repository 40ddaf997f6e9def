import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { type Answer, ask, startOn, useWorld } from "../support/world.js";

const { teamAccountId, smallAccountId, userId, userEmail } = SEED;
const world = useWorld({ CHIME_LOCAL_USERS: "0" });
const hasty = useWorld({ CHIME_LOCAL_USERS: "0", READ_DEADLINE_MS: "400" }, { callTimeout: 150 });

/** The ids that Chime gave to the calls of an operation, as its log has them. */
async function requestIds(operation: string, { chimeUrl } = world): Promise<string[]> {
  const response = await fetch(`${chimeUrl}/_local/requests`);
  const log = (await response.json()) as { requests: { operation: string; requestId: string }[] };
  return log.requests.filter((request) => request.operation === operation).map(({ requestId }) => requestId);
}

const unavailable = "Chime is not available: try again later.";
const failed = "Chime failed: try again later.";
const throttled = "Too many requests to Chime: try again later.";
const unknown = "It may or may not have been done: read the state before you try again.";

describe("a read that fails is an error of its own field, and says which call failed:", () => {
  const query = `query ($accountId: ID!, $userId: ID!) {
    user(accountId: $accountId, userId: $userId) { displayName }
    account(accountId: $accountId) { name }
  }`;
  const variables = { accountId: teamAccountId, userId };
  const answerWith = (message: string, extensions: object) => ({
    data: { user: null, account: { name: "Harbor Street Studio" } },
    errors: [{ message, extensions, path: ["user"], locations: [{ line: 2, column: 5 }] }],
  });

  test.each([
    ["500", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
    ["502", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
    ["503", 3, unavailable, { code: "UPSTREAM_UNAVAILABLE" }],
    ["504", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
  ])("Chime answers %s, %i times", async (kind, times, message, extensions) => {
    await world.fault({ operation: "GetUser", kind });
    const answer = await world.ask(query, variables);
    const ids = await requestIds("GetUser");
    expect(ids).toHaveLength(times);
    const chime = { operation: "GetUser", requestId: ids.at(-1), httpStatus: Number(kind), retryable: true };
    expect(answer).toEqual(answerWith(message, { ...extensions, chime }));
  });

  test("Chime throttles until the deadline", async () => {
    await world.fault({ operation: "GetUser", kind: "429" });
    const answer = await world.ask(query, variables);
    const ids = await requestIds("GetUser");
    expect(ids.length).toBeGreaterThan(1);
    const chime = { operation: "GetUser", requestId: ids.at(-1), httpStatus: 429, retryable: true };
    expect(answer).toEqual(answerWith(throttled, { code: "THROTTLED", retryAfterSeconds: 1, chime }));
  });

  test.each(["reset-before", "reset-after", "close"])("the connection is lost (%s)", async (kind) => {
    await world.fault({ operation: "GetUser", kind });
    expect(await world.ask(query, variables)).toEqual(
      answerWith(unavailable, {
        code: "UPSTREAM_UNAVAILABLE",
        chime: { operation: "GetUser", retryable: true },
      }),
    );
  });

  test("half of the answer comes, three times", async () => {
    await world.fault({ operation: "GetUser", kind: "truncate" });
    const answer = await world.ask(query, variables);
    const ids = await requestIds("GetUser");
    expect(ids).toHaveLength(3);
    const chime = { operation: "GetUser", requestId: ids[2], httpStatus: 200, retryable: true };
    expect(answer).toEqual(answerWith(unavailable, { code: "UPSTREAM_UNAVAILABLE", chime }));
  });

  test("the answer is no JSON", async () => {
    await world.fault({ operation: "GetUser", kind: "malformed" });
    const answer = await world.ask(query, variables);
    const [requestId] = await requestIds("GetUser");
    expect(answer).toEqual(
      answerWith(unavailable, {
        code: "UPSTREAM_UNAVAILABLE",
        chime: { operation: "GetUser", requestId, httpStatus: 200, retryable: true },
      }),
    );
  });

  test("no answer comes in time", async () => {
    await hasty.fault({ operation: "GetUser", kind: "hang" });
    expect(await hasty.ask(query, variables)).toEqual(
      answerWith("Chime did not answer in time.", {
        code: "UPSTREAM_TIMEOUT",
        chime: { operation: "GetUser", retryable: true },
      }),
    );
  });

  test("nothing listens at Chime's address", async () => {
    const gateway = await startOn(await unusedAddress());
    try {
      expect(await ask(gateway.url, { query: `{ account(accountId: "a") { name } }` })).toEqual({
        data: { account: null },
        errors: [
          {
            message: unavailable,
            path: ["account"],
            locations: [{ line: 1, column: 3 }],
            extensions: {
              code: "UPSTREAM_UNAVAILABLE",
              chime: { operation: "GetAccount", retryable: true },
            },
          },
        ],
      });
    } finally {
      await gateway.close();
    }
  });

  test.each(["500", "503", "reset-before", "close", "truncate"])(
    "but not when Chime recovers in time (%s)",
    async (kind) => {
      await world.fault({ operation: "GetUser", kind, next: 2 });
      expect(await world.ask(query, variables)).toEqual({
        data: { user: { displayName: expect.any(String) }, account: { name: "Harbor Street Studio" } },
      });
      expect(await world.calls()).toEqual({ GetUser: 3, GetAccount: 1 });
    },
  );
});

test("of a list of users only the one that can't be read is null, with an error of its own", async () => {
  const { sharedDeviceUserId } = SEED;
  await world.fault({ operation: "GetUser", kind: "500", path: userId });
  const answer = await world.ask(
    `query ($accountId: ID!, $userIds: [ID!]!) { users(accountId: $accountId, userIds: $userIds) { userId } }`,
    { accountId: teamAccountId, userIds: [sharedDeviceUserId, userId] },
  );
  expect(answer.data).toEqual({ users: [{ userId: sharedDeviceUserId }, null] });
  expect(answer.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [["users", 1], "UPSTREAM_UNAVAILABLE"],
  ]);
});

/** Writes, each with the operation behind it and the answer when it was carried out, or when that is unknown. */
const writes = {
  createAccount: {
    operation: "CreateAccount",
    query: `mutation { createAccount(input: { name: "Once" }) { outcome account { name } errors { code message path } } }`,
    done: { createAccount: { outcome: "DONE", account: { name: "Once" }, errors: [] } },
    lost: {
      createAccount: {
        outcome: "UNKNOWN",
        account: null,
        errors: [{ code: "OUTCOME_UNKNOWN", message: unknown, path: null }],
      },
    },
  },
  updateUser: {
    operation: "UpdateUser",
    query: `mutation { updateUser(input: { accountId: "${teamAccountId}", userId: "${userId}", licenseType: PRO }) {
      outcome user { licenseType } errors { code message path }
    } }`,
    done: { updateUser: { outcome: "DONE", user: { licenseType: "PRO" }, errors: [] } },
    lost: {
      updateUser: {
        outcome: "UNKNOWN",
        user: null,
        errors: [{ code: "OUTCOME_UNKNOWN", message: unknown, path: null }],
      },
    },
  },
} as const;

describe.each(Object.values(writes))("$operation", ({ operation, query, done, lost }) => {
  test("is sent again when Chime throttles it, and done once", async () => {
    await world.fault({ operation, kind: "429", next: 1 });
    expect(await world.ask(query)).toEqual({ data: done });
    expect((await world.calls())[operation]).toBe(2);
    const { data } = await world.ask(`{ accounts(namePrefix: "Once") { nodes { name } } }`);
    expect(data.accounts.nodes).toEqual(operation === "CreateAccount" ? [{ name: "Once" }] : []);
  });

  test("is an error THROTTLED when Chime goes on throttling it: it was not done", async () => {
    await world.fault({ operation, kind: "429" });
    const answer = await world.ask(query);
    const [field = ""] = Object.keys(done);
    const ids = await requestIds(operation);
    expect(answer).toEqual({
      data: { [field]: null },
      errors: [
        {
          message: throttled,
          path: [field],
          locations: [{ line: 1, column: 12 }],
          extensions: {
            code: "THROTTLED",
            retryAfterSeconds: 1,
            chime: { operation, requestId: ids.at(-1), httpStatus: 429, retryable: true },
          },
        },
      ],
    });
    expect(ids.length).toBeGreaterThan(1);
  });

  test.each(["500", "502", "503", "504", "reset-before", "reset-after", "close", "truncate", "malformed"])(
    "is sent once, and answers OUTCOME_UNKNOWN as data, when Chime answers with %s",
    async (kind) => {
      await world.fault({ operation, kind });
      expect(await world.ask(query)).toEqual({ data: lost });
      expect(await world.calls()).toEqual({ [operation]: 1 });
    },
  );

  test("is sent once, and answers OUTCOME_UNKNOWN as data, when no answer comes in time", async () => {
    await hasty.fault({ operation, kind: "hang" });
    expect(await hasty.ask(query)).toEqual({ data: lost });
    expect(await hasty.calls()).toEqual({ [operation]: 1 });
  });

  test("is an error UPSTREAM_UNAVAILABLE when no connection was made: it was not done", async () => {
    const gateway = await startOn(await unusedAddress());
    try {
      const { data, errors } = await ask(gateway.url, { query });
      expect(Object.values(data)).toEqual([null]);
      expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
        [unavailable, { code: "UPSTREAM_UNAVAILABLE", chime: { operation, retryable: true } }],
      ]);
    } finally {
      await gateway.close();
    }
  });
});

describe("what the caller can mend is data of the mutation:", () => {
  const createUser = `mutation ($input: CreateUserInput!) {
    result: createUser(input: $input) { user { userId } errors { code message path } }
  }`;
  const updateUser = `mutation ($input: UpdateUserInput!) {
    result: updateUser(input: $input) { user { userId } errors { code message path } }
  }`;
  const updateAccount = `mutation ($input: UpdateAccountInput!) {
    result: updateAccount(input: $input) { account { name } errors { code message path } }
  }`;

  test.each<[string, string, object, object]>([
    [
      "NOT_FOUND for a user that is not there",
      updateUser,
      { accountId: teamAccountId, userId: "nobody", licenseType: "PRO" },
      { user: null, errors: [error("NOT_FOUND", "The account or user does not exist.")] },
    ],
    [
      "NOT_FOUND for an account that is not there",
      updateAccount,
      { accountId: "nothing", name: "Name" },
      { account: null, errors: [error("NOT_FOUND", "is not the id of an account", ["accountId"])] },
    ],
    [
      "BAD_REQUEST for a value that Chime refuses",
      updateUser,
      { accountId: teamAccountId, userId, licenseType: "PLUS" },
      { user: null, errors: [error("BAD_REQUEST", "is not supported by the account", ["licenseType"])] },
    ],
    [
      "CONFLICT for an e-mail address that a user has",
      createUser,
      { accountId: teamAccountId, email: userEmail },
      { user: null, errors: [error("CONFLICT", "belongs to a user already", ["email"])] },
    ],
  ])("%s", async (_what, query, input, result) => {
    expect(await world.ask(query, { input })).toEqual({ data: { result } });
  });

  test("BAD_REQUEST for each wrong part of an input, with its path, and nothing is sent", async () => {
    expect(
      await world.ask(createUser, { input: { accountId: "../accounts", email: "ada.example.com" } }),
    ).toEqual({
      data: {
        result: {
          user: null,
          errors: [
            error("BAD_REQUEST", "must be 1 to 128 letters, digits, '-' or '_'", ["accountId"]),
            error("BAD_REQUEST", "must be an e-mail address", ["email"]),
          ],
        },
      },
    });
    expect(await world.calls()).toEqual({});
  });

  test("FORBIDDEN for each address that may not be invited, since the account is no Team account", async () => {
    expect(
      await world.ask(
        `mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) {
          invites { emailAddress } inviteErrors { index errorCode } errors { code }
        } }`,
        { input: { accountId: smallAccountId, userEmailList: ["ada@example.com", "bob@example.com"] } },
      ),
    ).toEqual({
      data: {
        inviteUsers: {
          invites: [],
          inviteErrors: [
            { index: 0, errorCode: "FORBIDDEN" },
            { index: 1, errorCode: "FORBIDDEN" },
          ],
          errors: [],
        },
      },
    });
  });

  function error(code: string, message: string, path: string[] | null = null) {
    return { code, message, path };
  }
});

test("a user that is written but can't be read back is null with an error; the mutation's own answer stands", async () => {
  await world.fault({ operation: "GetUser", kind: "500" });
  const { data, errors } = await world.ask(writes.updateUser.query);
  expect(data).toEqual({ updateUser: { outcome: "DONE", user: null, errors: [] } });
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [["updateUser", "user"], "UPSTREAM_UNAVAILABLE"],
  ]);
});

describe("a value that the schema does not know is null with an error, and the rest of the answer stands:", () => {
  const account = {
    AccountId: "a",
    AwsAccountId: "111122223333",
    Name: "Andromeda",
    AccountType: "Galactic",
    AccountStatus: "Active",
    DefaultLicense: "Diamond",
    SupportedLicenses: ["Basic", "Diamond"],
  };
  const users = [
    { UserId: "u", DisplayName: "Ada", LicenseType: "Diamond", UserType: "Robot" },
    { UserId: "v", DisplayName: "Bob", LicenseType: "Pro", UserType: "PrivateUser" },
  ];
  /** A Chime from later on. */
  const chime = createServer(({ url = "" }, response) => {
    const answer = url.includes("/users") ? { Users: users } : { Account: account };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  let gateway: Awaited<ReturnType<typeof startOn>>;
  beforeAll(async () => {
    await once(chime.listen(0, "127.0.0.1"), "listening");
    gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await gateway.close();
    chime.close();
  });

  /** Where the errors are, which all are of the gateway's own kind. */
  function pathsOf({ errors = [] }: Answer) {
    for (const { message, extensions } of errors)
      expect({ message, extensions }).toEqual({
        message: "Chime returned an unexpected response.",
        extensions: { code: "INTERNAL_SERVER_ERROR" },
      });
    return errors.map(({ path }) => path?.join("."));
  }

  test("an account's type, and one of its licenses, which the list then lacks", async () => {
    const answer = await ask(gateway.url, {
      query: `{ account(accountId: "a") { name accountType accountStatus defaultLicense supportedLicenses } }`,
    });
    expect(answer.data).toEqual({
      account: {
        name: "Andromeda",
        accountType: null,
        accountStatus: "ACTIVE",
        defaultLicense: null,
        supportedLicenses: ["BASIC"],
      },
    });
    expect(pathsOf(answer)).toEqual([
      "account.accountType",
      "account.defaultLicense",
      "account.supportedLicenses",
    ]);
  });

  test("a user's license and type in a list", async () => {
    const answer = await ask(gateway.url, {
      query: `{ account(accountId: "a") { users { nodes { displayName licenseType userType } } } }`,
    });
    expect(answer.data).toEqual({
      account: {
        users: {
          nodes: [
            { displayName: "Ada", licenseType: null, userType: null },
            { displayName: "Bob", licenseType: "PRO", userType: "PRIVATE_USER" },
          ],
        },
      },
    });
    expect(pathsOf(answer)).toEqual(["account.users.nodes.0.licenseType", "account.users.nodes.0.userType"]);
  });
});

/** Where a Chime was, and is no longer. */
async function unusedAddress(): Promise<string> {
  const chime = await startChimeLocal({ port: 0, dataFile: ":memory:", users: 0 });
  await chime.close();
  return chime.url;
}
