import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const { largeAccountId, teamAccountId, userId } = SEED;
const updateUser = `mutation { updateUser(input: { accountId: "${teamAccountId}", userId: "${userId}", licenseType: BASIC }) { errors { code } } }`;

describe("while all slots are occupied by calls that hang", () => {
  const harness = useHarness(
    { CHIME_CONCURRENCY: "1", READ_DEADLINE_MS: "300", WRITE_DEADLINE_MS: "3500" },
    { callTimeout: 3_000 },
  );

  test("a read ends at its deadline, a write is neither sent nor done, and health is answered", async () => {
    await harness.fault({ operation: "UpdateUser", kind: "hang" });
    const hanging = harness.ask(updateUser);
    await expect.poll(async () => (await harness.calls())["UpdateUser"]).toBe(1);

    const started = performance.now();
    const [read, write, health] = await Promise.all([
      harness.ask(`{ account(accountId: "${teamAccountId}") { name } }`),
      harness.ask(updateUser),
      fetch(`${harness.url}/health/ready`),
    ]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(read.errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT" } }]);
    expect(write.errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT" } }]);
    expect(health.status).toBe(200);

    expect((await hanging).data.updateUser.errors).toEqual([{ code: "OUTCOME_UNKNOWN" }]);
    expect((await harness.calls())["UpdateUser"]).toBe(1);
  });
});

describe("a bulk write that waits behind calls that hang", () => {
  const harness = useHarness({ CHIME_CONCURRENCY: "1", WRITE_DEADLINE_MS: "1100" }, { callTimeout: 1_000 });

  test("fails once: no item is sent, and each reports it", async () => {
    // Its three attempts occupy the slot for three seconds.
    await harness.fault({ operation: "GetAccount", kind: "hang" });
    const hanging = harness.ask(`{ account(accountId: "${teamAccountId}") { name } }`);
    await expect.poll(async () => (await harness.calls())["GetAccount"]).toBe(1);
    const started = performance.now();
    const { data } = await harness.ask(
      `mutation ($input: InviteUsersInput!) {
        inviteUsers(input: $input) { outcome results { outcome } inviteErrors { errorCode } }
      }`,
      {
        input: {
          accountId: teamAccountId,
          userEmailList: Array.from({ length: 500 }, (_, i) => `guest${i}@example.com`),
        },
      },
    );

    expect(performance.now() - started).toBeLessThan(6_000);
    expect(data.inviteUsers).toEqual({
      outcome: "NOT_DONE",
      results: Array(500).fill({ outcome: "NOT_DONE" }),
      inviteErrors: Array(500).fill({ errorCode: "SERVICE_UNAVAILABLE" }),
    });
    expect((await harness.calls())["InviteUsers"]).toBeUndefined();
    await hanging;
  });
});

describe("a bulk write whose calls hang", () => {
  const harness = useHarness({}, { callTimeout: 500 });

  test("sends no further calls: their items are reported as not done", async () => {
    await harness.fault({ operation: "BatchUpdateUser", kind: "hang" });
    const { data } = await harness.ask(
      `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) {
        outcome results { outcome } users { id } userErrors { index errorCode } } }`,
      {
        input: {
          accountId: largeAccountId,
          updateUserRequestItems: Array.from({ length: 500 }, (_, i) => ({
            userId: `u${i}`,
            licenseType: "PRO",
          })),
        },
      },
    );
    const codes: string[] = data.batchUpdateUser.userErrors.map(
      ({ errorCode }: { errorCode: string }) => errorCode,
    );

    expect(data.batchUpdateUser.outcome).toBe("UNKNOWN");
    expect(data.batchUpdateUser.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      ...Array(200).fill("UNKNOWN"),
      ...Array(300).fill("NOT_DONE"),
    ]);
    expect(data.batchUpdateUser.users).toEqual([]);
    expect(codes).toEqual([...Array(200).fill("OUTCOME_UNKNOWN"), ...Array(300).fill("SERVICE_UNAVAILABLE")]);
    expect(await harness.calls()).toEqual({ BatchUpdateUser: 10 });
  });
});
