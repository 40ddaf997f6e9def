import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { type Answer, useHarness } from "../../support/fixture.js";
import { operations } from "../../support/operations.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
/** Where writes are soon given up. */
const shortDeadlines = useHarness({ CHIME_LOCAL_USERS: "3", WRITE_DEADLINE_MS: "1000" });
const { teamAccountId: accountId, userId, userEmail: email } = SEED;
const groups = `input: { accountId: "${accountId}", groupNames: ["board"] }`;

/** Every mutation of one object: Chime's operation, the mutation without its selection, and what its payload holds. */
const mutations = {
  createAccount: ["CreateAccount", `createAccount(input: { name: "New" })`, "account"],
  updateAccount: [
    "UpdateAccount",
    `updateAccount(input: { accountId: "${accountId}", name: "New" })`,
    "account",
  ],
  associate: [
    "AssociateSigninDelegateGroupsWithAccount",
    `associateSigninDelegateGroupsWithAccount(${groups})`,
    "account",
  ],
  disassociate: [
    "DisassociateSigninDelegateGroupsFromAccount",
    `disassociateSigninDelegateGroupsFromAccount(${groups})`,
    "account",
  ],
  createUser: ["CreateUser", `createUser(input: { accountId: "${accountId}", username: "Ada" })`, "user"],
  updateUser: [
    "UpdateUser",
    `updateUser(input: { accountId: "${accountId}", userId: "${userId}", licenseType: BASIC })`,
    "user",
  ],
  resetPersonalPin: [
    "ResetPersonalPIN",
    `resetPersonalPin(input: { accountId: "${accountId}", userId: "${userId}" })`,
    "user",
  ],
} as const;
const cases = Object.values(mutations).map(([operation, field, object]) => ({ operation, field, object }));

const run = (field: string, object: string, { ask } = harness): Promise<Answer> =>
  ask(`mutation { payload: ${field} { outcome ${object} { id } errors { code path } } }`);

/** Where the errors are, and their codes. */
const located = ({ errors = [] }: Answer) => errors.map(({ path, extensions }) => [path, extensions.code]);

test("every mutation of the schema is DONE without faults", async () => {
  for (const [name, field] of Object.entries(operations({ accountId, userId, email }).Mutation)) {
    const { data, errors } = await harness.ask(`mutation { ${field.replace(/\}\s*$/, "outcome }")} }`);

    expect(errors).toBeUndefined();
    expect(data[name], name).toMatchObject({ outcome: "DONE", errors: [] });
  }
});

describe.each(cases)("$operation", ({ operation, field, object }) => {
  test("is DONE with the object, and without errors", async () => {
    const { data, errors } = await run(field, object);

    expect(errors).toBeUndefined();
    expect(data.payload).toEqual({ outcome: "DONE", [object]: { id: expect.any(String) }, errors: [] });
  });

  test.each(["500", "503", "reset-before", "reset-after", "truncate", "malformed", "close"])(
    "is UNKNOWN if the response is lost (%s)",
    async (kind) => {
      await harness.fault({ operation, kind });

      expect(await run(field, object)).toEqual({
        data: {
          payload: { outcome: "UNKNOWN", [object]: null, errors: [{ code: "OUTCOME_UNKNOWN", path: null }] },
        },
      });
      expect((await harness.calls())[operation]).toBe(1);
    },
  );

  test("is NOT_DONE if the input is not valid, and then nothing is sent", async () => {
    const invalid = field.replaceAll(accountId, "a/b").replace(`name: "New"`, `name: " "`);
    const { data, errors } = await run(invalid, object);

    expect(errors).toBeUndefined();
    expect(data.payload).toMatchObject({ outcome: "NOT_DONE", [object]: null });
    expect(data.payload.errors[0].code).toBe("BAD_REQUEST");
    expect(await harness.calls()).toEqual({});
  });

  test.skipIf(operation === "CreateAccount")("is NOT_DONE if the account does not exist", async () => {
    const { data, errors } = await run(field.replaceAll(accountId, "nothing"), object);

    expect(errors).toBeUndefined();
    expect(data.payload).toMatchObject({
      outcome: "NOT_DONE",
      [object]: null,
      errors: [{ code: "NOT_FOUND" }],
    });
  });
});

describe("a write that is done but cannot be read back is DONE, with an error at the object:", () => {
  test.each(["500", "429", "reset-before", "malformed"])("a user (%s)", async (kind) => {
    await shortDeadlines.fault({ operation: "GetUser", kind });
    const answer = await run(mutations.updateUser[1], "user", shortDeadlines);
    await shortDeadlines.setFaults();
    const { LicenseType } = await shortDeadlines.chime.user(accountId, userId);

    expect(answer.data.payload).toEqual({ outcome: "DONE", user: null, errors: [] });
    expect(located(answer)).toEqual([
      [["payload", "user"], kind === "429" ? "THROTTLED" : "UPSTREAM_UNAVAILABLE"],
    ]);
    expect(LicenseType).toBe("Basic");
  });

  test.each(["associate", "disassociate"] as const)("an account (%s)", async (name) => {
    await harness.fault({ operation: "GetAccount", kind: "500" });
    const answer = await run(mutations[name][1], "account");

    expect(answer.data.payload).toEqual({ outcome: "DONE", account: null, errors: [] });
    expect(located(answer)).toEqual([[["payload", "account"], "UPSTREAM_UNAVAILABLE"]]);
  });

  test("a lost CreateUser whose user was found by the address", async () => {
    await harness.fault({ operation: "CreateUser", kind: "reset-after" });
    const answer = await run(
      `createUser(input: { accountId: "${accountId}", email: "found@example.com" })`,
      "user",
    );

    expect(answer.data.payload).toMatchObject({ outcome: "DONE", errors: [] });
  });

  test("one of several users of a bulk update, in both lists", async () => {
    const ids = [userId, SEED.pendingUserId];
    await harness.fault({ operation: "GetUser", kind: "500", path: SEED.pendingUserId });
    const answer = await harness.ask(
      `mutation ($input: BatchUpdateUserInput!) { payload: batchUpdateUser(input: $input) {
        outcome results { outcome user { userId } error { code } } users { userId } } }`,
      {
        input: {
          accountId,
          updateUserRequestItems: ids.map((id) => ({ userId: id, licenseType: "BASIC" })),
        },
      },
    );

    expect(answer.data.payload).toEqual({
      outcome: "DONE",
      results: [
        { outcome: "DONE", user: { userId }, error: null },
        { outcome: "DONE", user: null, error: null },
      ],
      users: [{ userId }, null],
    });
    expect(located(answer).toSorted()).toEqual([
      [["payload", "results", 1, "user"], "UPSTREAM_UNAVAILABLE"],
      [["payload", "users", 1], "UPSTREAM_UNAVAILABLE"],
    ]);
  });
});

describe("a lost write whose lookup hangs is UNKNOWN before the deadline:", { retry: 2 }, () => {
  async function milliseconds(answer: Promise<Answer>): Promise<number> {
    const began = performance.now();
    expect((await answer).data.payload).toMatchObject({ outcome: "UNKNOWN" });
    return performance.now() - began;
  }

  test("CreateUser", async () => {
    await shortDeadlines.fault({ operation: "CreateUser", kind: "reset-after" });
    await shortDeadlines.fault({ operation: "ListUsers", kind: "hang" });
    const create = `createUser(input: { accountId: "${accountId}", email: "found@example.com" })`;

    expect(await milliseconds(run(create, "user", shortDeadlines))).toBeLessThan(1_000);
    expect(await shortDeadlines.calls()).toMatchObject({ CreateUser: 1, ListUsers: expect.any(Number) });
  });

  test("DeleteAccount", async () => {
    const { emptyAccountId: id } = SEED;
    const account = await shortDeadlines.ask(`{ account(accountId: "${id}") { name } }`);
    await shortDeadlines.forgetCalls();
    await shortDeadlines.fault({ operation: "DeleteAccount", kind: "latency", ms: 200 });
    await shortDeadlines.fault({ operation: "DeleteAccount", kind: "reset-after" });
    const input = { accountId: id, confirmName: account.data.account.name };
    const deletion = milliseconds(
      shortDeadlines.ask(
        `mutation ($input: DeleteAccountInput!) { payload: deleteAccount(input: $input) { outcome } }`,
        { input },
      ),
    );
    await expect.poll(async () => (await shortDeadlines.calls())["DeleteAccount"], { interval: 10 }).toBe(1);
    await shortDeadlines.fault({ operation: "GetAccount", kind: "hang" });

    expect(await deletion).toBeLessThan(1_000);
    expect(await shortDeadlines.calls()).toMatchObject({ GetAccount: expect.any(Number) });
  });
});

describe("a null payload means that nothing was done", () => {
  test.each(cases)("$operation, throttled until the deadline", async ({ operation, field, object }) => {
    await shortDeadlines.fault({ operation, kind: "429" });
    const answer = await run(field, object, shortDeadlines);

    expect(answer.data).toEqual({ payload: null });
    expect(located(answer)).toEqual([[["payload"], "THROTTLED"]]);
  });
});
