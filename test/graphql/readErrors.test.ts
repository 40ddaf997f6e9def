import { describe, expect, test } from "vitest";
import { messages } from "../../src/chime/errors.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { requestIds, shortTimeouts, unusedAddress } from "./failingChime.js";

const { teamAccountId, userId } = SEED;
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const hasty = useHarness(...shortTimeouts);

const unavailable = messages.ServiceUnavailable;
const failed = messages.ServiceFailure;
const throttled = messages.Throttled;

describe("a failed read is an error at its field that identifies the call:", () => {
  const query = `query ($accountId: ID!, $userId: ID!) {
    user(accountId: $accountId, userId: $userId) { displayName }
    account(accountId: $accountId) { name }
  }`;
  const variables = { accountId: teamAccountId, userId };
  const responseWith = (message: string, extensions: object) => ({
    data: { user: null, account: { name: "Harbor Street Studio" } },
    errors: [{ message, extensions, path: ["user"], locations: [{ line: 2, column: 5 }] }],
  });

  test.each([
    ["500", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
    ["502", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
    ["503", 3, unavailable, { code: "UPSTREAM_UNAVAILABLE" }],
    ["504", 3, failed, { code: "UPSTREAM_UNAVAILABLE" }],
  ])("Chime responds with %s, %i times", async (kind, times, message, extensions) => {
    await harness.fault({ operation: "GetUser", kind });
    const response = await harness.ask(query, variables);
    const ids = await requestIds(harness.chimeUrl, "GetUser");
    expect(ids).toHaveLength(times);
    const chime = { operation: "GetUser", requestId: ids.at(-1), httpStatus: Number(kind), retryable: true };
    expect(response).toEqual(responseWith(message, { ...extensions, chime }));
  });

  test("Chime throttles until the deadline", async () => {
    await harness.fault({ operation: "GetUser", kind: "429" });
    const response = await harness.ask(query, variables);
    const ids = await requestIds(harness.chimeUrl, "GetUser");
    expect(ids.length).toBeGreaterThan(1);
    // The last attempt may have been sent when the deadline passed.
    const requestId = expect.toBeOneOf(ids.slice(-2));
    const chime = { operation: "GetUser", requestId, httpStatus: 429, retryable: true };
    expect(response).toEqual(responseWith(throttled, { code: "THROTTLED", retryAfterSeconds: 1, chime }));
  });

  test.each(["reset-before", "reset-after", "close"])("the connection is lost (%s)", async (kind) => {
    await harness.fault({ operation: "GetUser", kind });
    expect(await harness.ask(query, variables)).toEqual(
      responseWith(unavailable, {
        code: "UPSTREAM_UNAVAILABLE",
        chime: { operation: "GetUser", retryable: true },
      }),
    );
  });

  test("the response is cut off, three times", async () => {
    await harness.fault({ operation: "GetUser", kind: "truncate" });
    const response = await harness.ask(query, variables);
    const ids = await requestIds(harness.chimeUrl, "GetUser");
    expect(ids).toHaveLength(3);
    const chime = { operation: "GetUser", requestId: ids[2], httpStatus: 200, retryable: true };
    expect(response).toEqual(responseWith(unavailable, { code: "UPSTREAM_UNAVAILABLE", chime }));
  });

  test("the response is not JSON", async () => {
    await harness.fault({ operation: "GetUser", kind: "malformed" });
    const response = await harness.ask(query, variables);
    const [requestId] = await requestIds(harness.chimeUrl, "GetUser");
    expect(response).toEqual(
      responseWith(unavailable, {
        code: "UPSTREAM_UNAVAILABLE",
        chime: { operation: "GetUser", requestId, httpStatus: 200, retryable: true },
      }),
    );
  });

  test("no response arrives in time", async () => {
    await hasty.fault({ operation: "GetUser", kind: "hang" });
    expect(await hasty.ask(query, variables)).toEqual(
      responseWith("Chime did not respond in time.", {
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
    "except if Chime recovers in time (%s)",
    async (kind) => {
      await harness.fault({ operation: "GetUser", kind, next: 2 });
      expect(await harness.ask(query, variables)).toEqual({
        data: { user: { displayName: expect.any(String) }, account: { name: "Harbor Street Studio" } },
      });
      expect(await harness.calls()).toEqual({ GetUser: 3, GetAccount: 1 });
    },
  );
});

test("in a list of users, only the one that cannot be read is null with an error", async () => {
  const { sharedDeviceUserId } = SEED;
  await harness.fault({ operation: "GetUser", kind: "500", path: userId });
  const response = await harness.ask(
    `query ($accountId: ID!, $userIds: [ID!]!) { users(accountId: $accountId, userIds: $userIds) { userId } }`,
    { accountId: teamAccountId, userIds: [sharedDeviceUserId, userId] },
  );
  expect(response.data).toEqual({ users: [{ userId: sharedDeviceUserId }, null] });
  expect(response.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [["users", 1], "UPSTREAM_UNAVAILABLE"],
  ]);
});
