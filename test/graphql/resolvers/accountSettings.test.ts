import { GetAccountSettingsCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { largeAccountId, teamAccountId } = SEED;

const settings = "settings { disableRemoteControl enableDialOut }";

describe("an account's settings", () => {
  test("are read together with the account: one round trip", async () => {
    await harness.fault({ kind: "latency", ms: 100 });
    const { data } = await harness.ask(`{ account(accountId: "${largeAccountId}") { name ${settings} } }`);
    const [first, second, ...more] = await harness.arrivals();

    expect(data.account.settings).toEqual({ disableRemoteControl: true, enableDialOut: true });
    expect(await harness.calls()).toEqual({ GetAccount: 1, GetAccountSettings: 1 });
    expect(more).toEqual([]);
    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test("of a list of accounts cost one call each", async () => {
    const { data } = await harness.ask(`{ accounts(first: 100) { nodes { ${settings} } } }`);
    const { nodes } = data.accounts;

    expect(nodes.length).toBeGreaterThan(3);
    expect(nodes).toContainEqual({ settings: { disableRemoteControl: false, enableDialOut: false } });
    expect(await harness.calls()).toEqual({ ListAccounts: 1, GetAccountSettings: nodes.length });
  });

  test("are read once, however often they are selected", async () => {
    await harness.ask(`{ a: account(accountId: "${largeAccountId}") { ${settings} }
      b: account(accountId: "${largeAccountId}") { name ${settings} } }`);

    expect(await harness.calls()).toEqual({ GetAccount: 1, GetAccountSettings: 1 });
  });

  test("are null, with an error, if they cannot be read; the account keeps its other fields", async () => {
    await harness.fault({ operation: "GetAccountSettings", kind: "500" });
    const { data, errors } = await harness.ask(
      `{ account(accountId: "${largeAccountId}") { name ${settings} } }`,
    );

    expect(data.account).toEqual({ name: "Meridian Logistics", settings: null });
    expect(errors).toMatchObject([
      { path: ["account", "settings"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test("of a missing account cause no error: the account is null", async () => {
    expect(await harness.ask(`{ account(accountId: "nothing") { ${settings} } }`)).toEqual({
      data: { account: null },
    });
  });
});

describe("updateAccountSettings", () => {
  const update = (input: object, selection = "") =>
    harness.ask(
      `mutation ($input: UpdateAccountSettingsInput!) {
        payload: updateAccountSettings(input: $input) { outcome ${selection} errors { code path message } } }`,
      { input },
    );

  test("changes what is given, leaves the rest, and reads nothing that is not selected", async () => {
    const input = {
      accountId: largeAccountId,
      accountSettings: { enableDialOut: false, disableRemoteControl: null },
    };

    expect((await update(input)).data.payload).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ UpdateAccountSettings: 1 });
    const { AccountSettings } = await harness.chime.send(
      new GetAccountSettingsCommand({ AccountId: largeAccountId }),
    );
    expect(AccountSettings).toEqual({ DisableRemoteControl: true, EnableDialOut: false });
  });

  test("reads the account back with its new settings if they are selected", async () => {
    const input = { accountId: teamAccountId, accountSettings: { disableRemoteControl: true } };
    const { data } = await update(input, `account { name ${settings} }`);

    expect(data.payload.account).toEqual({
      name: "Harbor Street Studio",
      settings: { disableRemoteControl: true, enableDialOut: false },
    });
    expect(await harness.calls()).toEqual({ UpdateAccountSettings: 1, GetAccount: 1, GetAccountSettings: 1 });
  });

  test("returns the new settings of each of two changes", async () => {
    const change = (alias: string, value: boolean) =>
      `${alias}: updateAccountSettings(input: { accountId: "${teamAccountId}", accountSettings: { enableDialOut: ${value} } }) {
        account { settings { enableDialOut } } }`;
    const { data } = await harness.ask(`mutation { ${change("a", true)} ${change("b", false)} }`);

    expect([data.a, data.b].map(({ account }) => account.settings.enableDialOut)).toEqual([true, false]);
  });

  test("requires a change, and reports all issues together", async () => {
    const { data } = await update({ accountId: "a/b", accountSettings: { enableDialOut: null } });

    expect(data.payload).toEqual({
      outcome: "NOT_DONE",
      errors: [
        { code: "BAD_REQUEST", path: ["accountId"], message: expect.any(String) },
        {
          code: "BAD_REQUEST",
          path: ["accountSettings", "disableRemoteControl"],
          message: "is required unless enableDialOut is given",
        },
      ],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("of a missing account is NOT_FOUND", async () => {
    const { data } = await update({ accountId: "nothing", accountSettings: { enableDialOut: true } });

    expect(data.payload).toEqual({
      outcome: "NOT_DONE",
      errors: [{ code: "NOT_FOUND", path: ["accountId"], message: "is not the id of an account" }],
    });
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await harness.fault({ operation: "UpdateAccountSettings", kind: "reset-after" });
    const { data } = await update({ accountId: teamAccountId, accountSettings: { enableDialOut: true } });

    expect(data.payload).toMatchObject({
      outcome: "UNKNOWN",
      errors: [{ code: "OUTCOME_UNKNOWN", path: null }],
    });
    expect(await harness.calls()).toEqual({ UpdateAccountSettings: 1 });
  });
});
