import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { UpdateAccountCommand } from "@aws-sdk/client-chime";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { accountGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { ask, startOn, useHarness } from "../../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { emptyAccountId: accountId, largeAccountId, teamAccountId } = SEED;
const confirmName = "Cedar Workshop";

const query = `mutation ($input: DeleteAccountInput!) {
  deleteAccount(input: $input) { outcome deletedId errors { code path message } } }`;
const deleteAccount = async (input: object) => (await harness.ask(query, { input })).data.deleteAccount;

const notDone = (code: string, path: string[], message: string) => ({
  outcome: "NOT_DONE",
  deletedId: null,
  errors: [{ code, path, message }],
});

describe("deleteAccount", () => {
  test("checks the account's name, deletes the account, and returns its global id", async () => {
    expect(await deleteAccount({ accountId, confirmName })).toEqual({
      outcome: "DONE",
      deletedId: accountGlobalId(accountId),
      errors: [],
    });
    expect(await harness.calls()).toEqual({ GetAccount: 1, DeleteAccount: 1 });
    const { data } = await harness.ask(
      `{ account(accountId: "${accountId}") { id } accounts { nodes { name } } }`,
    );
    expect(data.account).toBeNull();
    expect(data.accounts.nodes).not.toContainEqual({ name: confirmName });
  });

  test.each([" Cedar Workshop", "Cedar Workshop ", "cedar workshop", "Cedar", "", "Harbor Street Studio"])(
    "deletes nothing if the name is '%s'",
    async (name) => {
      expect(await deleteAccount({ accountId, confirmName: name })).toEqual(
        notDone("BAD_REQUEST", ["confirmName"], "is not the account's name"),
      );
      expect(await harness.calls()).toEqual({ GetAccount: 1 });
    },
  );

  test("compares with the name that the account has after a change in the same operation", async () => {
    const { data } = await harness.ask(`mutation {
      updateAccount(input: { accountId: "${accountId}", name: "Birch Workshop" }) { outcome }
      former: deleteAccount(input: { accountId: "${accountId}", confirmName: "Cedar Workshop" }) { outcome }
      current: deleteAccount(input: { accountId: "${accountId}", confirmName: "Birch Workshop" }) { outcome }
      repeated: deleteAccount(input: { accountId: "${accountId}", confirmName: "Birch Workshop" }) { errors { code } }
    }`);

    expect(data).toEqual({
      updateAccount: { outcome: "DONE" },
      former: { outcome: "NOT_DONE" },
      current: { outcome: "DONE" },
      repeated: { errors: [{ code: "NOT_FOUND" }] },
    });
  });

  test("does not trust a cached name", async () => {
    const gateway = await startOn(harness.chimeUrl, { CACHE_TTL_SECONDS: "60" });
    onTestFinished(() => gateway.close());
    await ask(gateway.url, { query: `{ account(accountId: "${accountId}") { name } }` });
    await harness.chime.send(new UpdateAccountCommand({ AccountId: accountId, Name: "Birch Workshop" }));
    const answer = await ask(gateway.url, { query, variables: { input: { accountId, confirmName } } });

    expect(answer.data.deleteAccount).toEqual(
      notDone("BAD_REQUEST", ["confirmName"], "is not the account's name"),
    );
  });

  test("of a missing account is NOT_FOUND, and is not sent", async () => {
    expect(await deleteAccount({ accountId: "nothing", confirmName })).toEqual(
      notDone("NOT_FOUND", ["accountId"], "is not the id of an account"),
    );
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });

  test("with a malformed id makes no call to Chime", async () => {
    expect(await deleteAccount({ accountId: "..", confirmName })).toMatchObject({
      errors: [{ code: "BAD_REQUEST", path: ["accountId"] }],
    });
    expect(await harness.calls()).toEqual({});
  });

  test.each([
    ["a Team account with users who are not suspended", teamAccountId, "Harbor Street Studio"],
    ["an Enterprise account with claimed domains", largeAccountId, "Meridian Logistics"],
  ])("of %s is UNPROCESSABLE", async (_what, id, name) => {
    expect(await deleteAccount({ accountId: id, confirmName: name })).toEqual(
      notDone(
        "UNPROCESSABLE",
        ["accountId"],
        "is the id of an account with active users or claimed domains. Suspend the users, and release the domains in the Chime console",
      ),
    );
    expect(await harness.calls()).toEqual({ GetAccount: 1, DeleteAccount: 1 });
  });

  test("is done if the response is lost, and Chime no longer finds the account", async () => {
    await harness.fault({ operation: "DeleteAccount", kind: "reset-after" });

    expect(await deleteAccount({ accountId, confirmName })).toEqual({
      outcome: "DONE",
      deletedId: accountGlobalId(accountId),
      errors: [],
    });
    expect(await harness.calls()).toEqual({ GetAccount: 2, DeleteAccount: 1 });
  });

  test("is UNKNOWN if the connection breaks and the account is still there, and is not repeated", async () => {
    await harness.fault({ operation: "DeleteAccount", kind: "reset-before" });

    expect(await deleteAccount({ accountId, confirmName })).toMatchObject({
      outcome: "UNKNOWN",
      deletedId: null,
      errors: [{ code: "OUTCOME_UNKNOWN", path: null }],
    });
    expect(await harness.calls()).toEqual({ GetAccount: 2, DeleteAccount: 1 });
  });

  test("reads the name by a call of its own, and not while another deletion of the account runs", async () => {
    await harness.fault({ operation: "GetAccount", kind: "latency", ms: 200 });
    const read = harness.ask(`{ account(accountId: "${accountId}") { name } }`);
    const both = await Promise.all([1, 2].map(() => deleteAccount({ accountId, confirmName })));
    await read;

    expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(["DONE", "NOT_DONE"]);
    expect(await harness.calls()).toEqual({ GetAccount: 3, DeleteAccount: 1 });
  });

  test("is not done if the name cannot be read", async () => {
    await harness.fault({ operation: "GetAccount", kind: "500" });
    const { data, errors } = await harness.ask(query, { input: { accountId, confirmName } });

    expect(data).toEqual({ deleteAccount: null });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    expect(Object.keys(await harness.calls())).toEqual(["GetAccount"]);
  });

  test.each([
    ["is of another account", { Account: { AccountId: "other", Name: confirmName } }],
    ["has no account", {}],
  ])("is not done if Chime's response %s", async (_what, body) => {
    const methods: (string | undefined)[] = [];
    const chime = createServer(({ method }, response) => {
      methods.push(method);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await once(chime.listen(0, "127.0.0.1"), "listening");
    const gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
    onTestFinished(async () => {
      await gateway.close();
      chime.close();
    });
    const { data, errors } = await ask(gateway.url, {
      query,
      variables: { input: { accountId, confirmName } },
    });

    expect(data).toEqual({ deleteAccount: null });
    expect(errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
    expect(methods).toEqual(["GET"]);
  });
});
