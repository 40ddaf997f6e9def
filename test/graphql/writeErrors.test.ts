import { describe, expect, test } from "vitest";
import { messages } from "../../src/chime/errors.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { requestIds, shortTimeouts, unusedAddress } from "./failingChime.js";

const { teamAccountId, smallAccountId, userId, userEmail } = SEED;
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const hasty = useHarness(...shortTimeouts);

/** Writes with their operations, and their data if they are done, or if the outcome is unknown. */
const writes = {
  createAccount: {
    operation: "CreateAccount",
    query: `mutation { createAccount(input: { name: "Once" }) { outcome account { name } errors { code message path } } }`,
    done: { createAccount: { outcome: "DONE", account: { name: "Once" }, errors: [] } },
    lost: {
      createAccount: {
        outcome: "UNKNOWN",
        account: null,
        errors: [{ code: "OUTCOME_UNKNOWN", message: messages.OutcomeUnknown, path: null }],
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
        errors: [{ code: "OUTCOME_UNKNOWN", message: messages.OutcomeUnknown, path: null }],
      },
    },
  },
} as const;

describe.each(Object.values(writes))("$operation", ({ operation, query, done, lost }) => {
  test("is repeated if Chime throttles it, and is done once", async () => {
    await harness.fault({ operation, kind: "429", next: 1 });
    expect(await harness.ask(query)).toEqual({ data: done });
    expect((await harness.calls())[operation]).toBe(2);
    const { data } = await harness.ask(`{ accounts(namePrefix: "Once") { nodes { name } } }`);
    expect(data.accounts.nodes).toEqual(operation === "CreateAccount" ? [{ name: "Once" }] : []);
  });

  test("fails with THROTTLED, and is not done, if Chime throttles it until the deadline", async () => {
    await harness.fault({ operation, kind: "429" });
    const response = await harness.ask(query);
    const [field = ""] = Object.keys(done);
    const ids = await requestIds(harness.chimeUrl, operation);
    expect(response).toEqual({
      data: { [field]: null },
      errors: [
        {
          message: messages.Throttled,
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
    "is sent once, and returns OUTCOME_UNKNOWN, if Chime responds with %s",
    async (kind) => {
      await harness.fault({ operation, kind });
      expect(await harness.ask(query)).toEqual({ data: lost });
      expect(await harness.calls()).toEqual({ [operation]: 1 });
    },
  );

  test("is sent once, and returns OUTCOME_UNKNOWN, if no response arrives in time", async () => {
    await hasty.fault({ operation, kind: "hang" });
    expect(await hasty.ask(query)).toEqual({ data: lost });
    expect(await hasty.calls()).toEqual({ [operation]: 1 });
  });

  test("fails with UPSTREAM_UNAVAILABLE, and is not done, without a connection", async () => {
    const gateway = await startOn(await unusedAddress());
    try {
      const { data, errors } = await ask(gateway.url, { query });
      expect(Object.values(data)).toEqual([null]);
      expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
        [
          messages.ServiceUnavailable,
          { code: "UPSTREAM_UNAVAILABLE", chime: { operation, retryable: true } },
        ],
      ]);
    } finally {
      await gateway.close();
    }
  });
});

describe("an error that the caller can fix is data of the mutation:", () => {
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
      "NOT_FOUND for a missing user",
      updateUser,
      { accountId: teamAccountId, userId: "nobody", licenseType: "PRO" },
      { user: null, errors: [error("NOT_FOUND", messages.NotFound)] },
    ],
    [
      "NOT_FOUND for a missing account",
      updateAccount,
      { accountId: "nothing", name: "Name" },
      { account: null, errors: [error("NOT_FOUND", "is not the id of an account", ["accountId"])] },
    ],
    [
      "BAD_REQUEST for a value that Chime rejects",
      updateUser,
      { accountId: teamAccountId, userId, licenseType: "PLUS" },
      { user: null, errors: [error("BAD_REQUEST", "is not supported by the account", ["licenseType"])] },
    ],
    [
      "CONFLICT for the e-mail address of another user",
      createUser,
      { accountId: teamAccountId, email: userEmail },
      { user: null, errors: [error("CONFLICT", "belongs to a user already", ["email"])] },
    ],
  ])("%s", async (_what, query, input, result) => {
    expect(await harness.ask(query, { input })).toEqual({ data: { result } });
  });

  test("BAD_REQUEST with its path for each invalid field, and nothing is sent", async () => {
    expect(
      await harness.ask(createUser, { input: { accountId: "../accounts", email: "ada.example.com" } }),
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
    expect(await harness.calls()).toEqual({});
  });

  test("FORBIDDEN for each address if the account is not a Team account", async () => {
    expect(
      await harness.ask(
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

test("a user that is written but cannot be read back is null with an error, and the outcome is DONE", async () => {
  await harness.fault({ operation: "GetUser", kind: "500" });
  const { data, errors } = await harness.ask(writes.updateUser.query);
  expect(data).toEqual({ updateUser: { outcome: "DONE", user: null, errors: [] } });
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [["updateUser", "user"], "UPSTREAM_UNAVAILABLE"],
  ]);
});
