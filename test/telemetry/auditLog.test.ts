import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type AuditLine, hashed, startAudited } from "../support/auditedGateway.js";
import { blocks } from "../support/docs.js";
import { ask, useHarness } from "../support/fixture.js";
import { type Issuer, startIssuer } from "../support/issuer.js";
import { email, operations, personalValues } from "./canaries.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, suspendedUserId } = SEED;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer?.close());

const id = expect.stringMatching(/^[\w-]{36}$/);
/** What all lines of requests without a token have. */
const common = { log: "audit", requestId: id };
const outcome = { ...common, event: "outcome", write: 1 };
const write = (field: string, selection = "outcome") => {
  const input = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  return `mutation Change($input: ${input}!) { ${field}(input: $input) { ${selection} } }`;
};

describe("the audit log has a line for a write when it is answered,", () => {
  test("with the caller, the client, the target, and the ids of the request and of AWS", async () => {
    const { audit } = await startAudited(harness, issuer.env);
    const claims = { sub: "auth0|123", scope: "chime:read chime:write" };
    const { answer, lines } = await audit(
      write("updateUser"),
      { input: { accountId, userId, licenseType: "PRO" } },
      {
        authorization: `Bearer ${await issuer.sign(claims)}`,
        "x-request-id": "r-1",
        "apollographql-client-name": "admin-console",
      },
    );
    expect(answer).toEqual({ data: { updateUser: { outcome: "DONE" } } });
    expect(lines).toEqual([
      {
        log: "audit",
        event: "outcome",
        requestId: "r-1",
        subject: "auth0|123",
        issuer: issuer.url,
        client: "admin-console",
        operation: "Change",
        write: 1,
        mutation: "updateUser",
        accountId,
        targets: [{ userId }],
        outcome: "DONE",
        calls: { UpdateUser: 1 },
        awsRequestIds: [id],
      },
    ]);
  });

  test("with the ids of what it created, and addresses and names as hashes", async () => {
    const { audit } = await startAudited(harness);
    const account = await audit(write("createAccount", "account { accountId }"), { input: { name: "New" } });
    const created = account.answer.data.createAccount.account.accountId;
    expect(account.lines).toMatchObject([{ mutation: "createAccount", accountId: created, targets: [] }]);
    const input = { accountId, email: "New.Person@example.com", username: "New Person" };
    const user = await audit(write("createUser", "user { userId }"), { input });
    expect(user.lines).toEqual([
      {
        ...outcome,
        operation: "Change",
        mutation: "createUser",
        accountId,
        targets: [
          {
            email: hashed("new.person@example.com"),
            username: hashed("new person"),
            userId: user.answer.data.createUser.user.userId,
          },
        ],
        outcome: "DONE",
        calls: { CreateUser: 1 },
        awsRequestIds: [id],
      },
    ]);
  });

  test("with the outcome of each item of a bulk write", async () => {
    const { audit } = await startAudited(harness);
    const suspended = await audit(write("batchSuspendUser"), {
      input: { accountId, userIdList: [userId, "nobody", "ada@example.com"] },
    });
    expect(suspended.lines).toMatchObject([
      {
        mutation: "batchSuspendUser",
        accountId,
        outcome: "PARTIAL",
        targets: [
          { userId, outcome: "DONE" },
          { userId: "nobody", outcome: "NOT_DONE", code: "NOT_FOUND" },
          { userId: hashed("ada@example.com"), outcome: "NOT_DONE", code: "BAD_REQUEST" },
        ],
        calls: { BatchSuspendUser: 1 },
        awsRequestIds: [id],
      },
    ]);
    const emails = Array.from({ length: 60 }, (_, n) => `person-${n}@example.com`);
    const invited = await audit(write("inviteUsers"), { input: { accountId, userEmailList: emails } });
    expect(invited.lines).toMatchObject([
      {
        outcome: "DONE",
        targets: emails.map((each) => ({ userEmail: hashed(each), inviteId: id, outcome: "DONE" })),
        awsRequestIds: [id, id],
      },
    ]);
  });

  test("and for each write of a request, in order", async () => {
    const { audit } = await startAudited(harness);
    const { lines } = await audit(
      `mutation Both($id: ID!, $groups: [String!]!) {
        a: logoutUser(input: { accountId: $id, userId: "${userId}" }) { outcome }
        b: associateSigninDelegateGroupsWithAccount(input: { accountId: $id, groupNames: $groups }) { outcome }
      }`,
      { id: accountId, groups: ["Directors", "Assistants"] },
    );
    expect(lines).toMatchObject([
      { write: 1, mutation: "logoutUser", targets: [{ userId }], calls: { LogoutUser: 1 } },
      {
        write: 2,
        mutation: "associateSigninDelegateGroupsWithAccount",
        targets: [{ groupName: hashed("directors") }, { groupName: hashed("assistants") }],
        calls: { AssociateSigninDelegateGroupsWithAccount: 1 },
      },
    ]);
  });

  test("if its input was rejected, and nothing was sent", async () => {
    const { audit } = await startAudited(harness);
    const input = { accountId, userId: "Ada Lovelace" };
    expect((await audit(write("logoutUser"), { input })).lines).toEqual([
      {
        ...outcome,
        operation: "Change",
        mutation: "logoutUser",
        accountId,
        targets: [{ userId: hashed("ada lovelace") }],
        outcome: "NOT_DONE",
        codes: ["BAD_REQUEST"],
        calls: {},
        awsRequestIds: [],
      },
    ]);
    const empty = { accountId: "no id!", userIdList: [userId] };
    expect((await audit(write("batchSuspendUser"), { input: empty })).lines).toMatchObject([
      { accountId: hashed("no id!"), targets: [{ userId }], outcome: "NOT_DONE", codes: ["BAD_REQUEST"] },
    ]);
  });

  test("if a precondition is not met: the calls are those of writes", async () => {
    const { audit } = await startAudited(harness);
    const input = { accountId: SEED.emptyAccountId, confirmName: "Wrong" };
    expect((await audit(write("deleteAccount"), { input })).lines).toMatchObject([
      { accountId: SEED.emptyAccountId, targets: [], outcome: "NOT_DONE", codes: ["BAD_REQUEST"], calls: {} },
    ]);
  });

  test.each([
    ["not done, because Chime throttled it", "429", "NOT_DONE", "THROTTLED", 1],
    ["unknown, because Chime's response was lost", "reset-after", "UNKNOWN", "OUTCOME_UNKNOWN", 0],
  ])("if it was %s", async (_what, kind, expected, code, ids) => {
    const { audit } = await startAudited(harness, { WRITE_DEADLINE_MS: "1000" });
    await harness.fault({ operation: "LogoutUser", kind });
    const { lines } = await audit(write("logoutUser"), { input: { accountId, userId } });
    expect(lines).toMatchObject([
      {
        targets: [{ userId }],
        outcome: expected,
        codes: [code],
        calls: { LogoutUser: 1 },
        awsRequestIds: Array(ids).fill(id),
      },
    ]);
  });

  test("but none if the caller lacks a scope, or there is no write", async () => {
    const { audit, url } = await startAudited(harness, issuer.env);
    const headers = { authorization: `Bearer ${await issuer.sign({ scope: "chime:write" })}` };
    await ask(url, { query: `{ account(accountId: "${accountId}") { name } }` }, headers);
    const { answer, lines } = await audit(
      write("resetPersonalPin"),
      { input: { accountId, userId } },
      headers,
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect(lines).toEqual([]);
  });
});

describe("the audit log has a line for a request that reads PINs,", () => {
  test("with the users whose PIN was returned, each once", async () => {
    const { audit } = await startAudited(harness);
    const { answer, lines } = await audit(
      `query Pins($accountId: ID!, $userIds: [ID!]!) {
        users(accountId: $accountId, userIds: $userIds) { personalPin again: personalPin }
        account(accountId: $accountId) { name }
      }`,
      { accountId, userIds: [userId, "nobody", suspendedUserId, userId] },
    );
    const pin = answer.data.users[0].personalPin;
    expect(lines).toEqual([
      {
        ...common,
        event: "read",
        operation: "Pins",
        field: "personalPin",
        targets: [
          { accountId, userId },
          { accountId, userId: suspendedUserId },
        ],
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain(pin);
  });

  test("also if the response to a write has one, and none without the scope", async () => {
    const { audit } = await startAudited(harness, issuer.env);
    const reset = write("resetPersonalPin", "user { personalPin }");
    const headersFor = async (scope: string) => ({
      authorization: `Bearer ${await issuer.sign({ scope: `chime:read chime:write ${scope}` })}`,
    });
    const { lines } = await audit(reset, { input: { accountId, userId } }, await headersFor("chime:pin"));
    expect(lines).toMatchObject([
      { event: "outcome", mutation: "resetPersonalPin", targets: [{ userId }], outcome: "DONE" },
      { event: "read", field: "personalPin", targets: [{ accountId, userId }] },
    ]);
    const query = `{ user(accountId: "${accountId}", userId: "${userId}") { personalPin } }`;
    expect((await audit(query, {}, await headersFor(""))).lines).toEqual([]);
  });
});

test("docs/operations.md shows lines as they are written", async () => {
  const headers = {
    authorization: `Bearer ${await issuer.sign({ scope: "chime:read chime:write chime:suspend chime:pin" })}`,
    "apollographql-client-name": "admin-console",
  };
  const named = (name: string, query: string) => query.replace("Change", name);
  const required = await startAudited(harness, { ...issuer.env, AUDIT_REQUIRED: "true" });
  const suspend = named("Suspend", write("batchSuspendUser"));
  const suspended = { input: { accountId, userIdList: [userId, "nobody"] } };
  const { lines } = await required.audit(suspend, suspended, headers);
  const other = await startAudited(harness, { ...issuer.env, WRITE_DEADLINE_MS: "1000" });
  await harness.fault({ operation: "CreateUser", kind: "reset-before" });
  const newUser = { input: { accountId, email: "new@example.com" } };
  const added = await other.audit(named("AddUser", write("createUser")), newUser, headers);
  const pin = `query Pin { user(accountId: "${accountId}", userId: "${userId}") { personalPin } }`;
  const read = await other.audit(pin, {}, headers);

  const documented = blocks("docs/operations.md", "text")
    .find((text) => text.startsWith('{"log":"audit"'))
    ?.split(/\n(?=\{)/)
    .map((text) => JSON.parse(text) as AuditLine)
    .map(({ time: _, ...line }) => shapeOf(line));
  expect([...lines, ...added.lines, ...read.lines].map(shapeOf)).toEqual(documented);
});

/** A line with its ids and hashes replaced. */
const shapeOf = (line: AuditLine): unknown =>
  JSON.parse(JSON.stringify(line), (name, value) =>
    typeof value === "string" &&
    !["event", "operation", "mutation", "outcome", "code", "codes", "field"].includes(name)
      ? value.replace(/^(hmac:)?.*/s, "$1")
      : value,
  );

test("no operation leaves an address, a name or a PIN in the audit log", async () => {
  const { url, file } = await startAudited(harness);
  const data: string[] = [];
  for (const body of Object.values(operations)) data.push(JSON.stringify(await ask(url, body)));
  const generated = Array.from(
    data.join().matchAll(/"(?:personalPin|primaryProvisionedNumber|displayName|primaryEmail)":"([^"]+)"/g),
    ([, value = ""]) => value,
  );
  const text = readFileSync(file, "utf8");
  expect(generated.length).toBeGreaterThan(10);
  expect(text.split("\n").length).toBeGreaterThan(20);
  expect([email, ...personalValues, ...generated].filter((value) => text.includes(value))).toEqual([]);
});
