import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getNamedType, isNonNullType, isObjectType } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createSchema } from "../../src/graphql/schema.js";
import { type Answer, ask, startOn, useClosedGateway, useHarness } from "../support/fixture.js";
import { operations } from "../support/operations.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { teamAccountId: accountId, smallAccountId, twoHundredAccountId, userId, userEmail: email } = SEED;
const examples = operations({ accountId, userId, email });
const keys = `accountId: "${accountId}", userId: "${userId}"`;

/** Where the errors are, and their codes. */
const located = ({ errors = [] }: Answer) => errors.map(({ path, extensions }) => [path, extensions.code]);

describe("a failed field is null with an error at its path, and other fields keep their data:", () => {
  /** Asked three times: from the second on, the query may be compiled. */
  async function askThrice(query: string): Promise<Answer> {
    const answers = [await harness.ask(query), await harness.ask(query), await harness.ask(query)];
    const [first] = answers;
    if (!first) throw new Error("It was asked.");
    // Ids of requests differ.
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => first.data));
    expect(answers.map(located)).toEqual(answers.map(() => located(first)));
    return first;
  }

  test("the users of one of six accounts", async () => {
    const query = `{ accounts { nodes { accountId users(first: 2) { nodes { userId } } } } }`;
    const { data: whole } = await harness.ask(query);
    await harness.fault({ operation: "ListUsers", path: smallAccountId, kind: "500" });
    const answer = await askThrice(query);

    expect(whole.accounts.nodes).toHaveLength(6);
    const nodes = whole.accounts.nodes.map((node: { accountId: string }) =>
      node.accountId === smallAccountId ? { ...node, users: null } : node,
    );
    expect(answer.data).toEqual({ accounts: { nodes } });
    const index = nodes.findIndex((node: { users: unknown }) => node.users === null);
    expect(located(answer)).toEqual([[["accounts", "nodes", index, "users"], "UPSTREAM_UNAVAILABLE"]]);
  });

  test("the users of one of six accounts, by edges", async () => {
    await harness.fault({ operation: "ListUsers", path: twoHundredAccountId, kind: "503" });
    const answer = await askThrice(
      `{ accounts { edges { node { accountId users(first: 2) { edges { node { userId } } } } } } }`,
    );
    const users = answer.data.accounts.edges.map((edge: { node: { users: unknown } }) => edge.node.users);

    expect(users).toHaveLength(6);
    expect(users.filter((page: unknown) => page === null)).toHaveLength(1);
    expect(located(answer)).toEqual([
      [["accounts", "edges", users.indexOf(null), "node", "users"], "UPSTREAM_UNAVAILABLE"],
    ]);
  });

  test("the users of a single account", async () => {
    await harness.fault({ operation: "ListUsers", kind: "500" });
    const answer = await askThrice(
      `{ account(accountId: "${accountId}") { name users { nodes { userId } } } }`,
    );

    expect(answer.data).toEqual({ account: { name: "Harbor Street Studio", users: null } });
    expect(located(answer)).toEqual([[["account", "users"], "UPSTREAM_UNAVAILABLE"]]);
  });

  test("one of two pages of an account's users", async () => {
    await harness.fault({ operation: "ListUsers", path: "user-type=SharedDevice", kind: "500" });
    const answer = await askThrice(`{ account(accountId: "${smallAccountId}") {
      devices: users(userType: SHARED_DEVICE) { nodes { userId } }
      people: users(first: 1, userType: PRIVATE_USER) { nodes { userType } } } }`);

    expect(answer.data).toEqual({
      account: { devices: null, people: { nodes: [{ userType: "PRIVATE_USER" }] } },
    });
    expect(located(answer)).toEqual([[["account", "devices"], "UPSTREAM_UNAVAILABLE"]]);
  });

  test("the list of accounts, but not a user", async () => {
    await harness.fault({ operation: "ListAccounts", kind: "500" });
    const answer = await askThrice(`{ accounts { nodes { name } } user(${keys}) { displayName } }`);

    expect(answer.data).toEqual({ accounts: null, user: { displayName: "Amara Okafor" } });
    expect(located(answer)).toEqual([[["accounts"], "UPSTREAM_UNAVAILABLE"]]);
  });

  test("a field with an invalid argument, but not a user", async () => {
    const answer = await askThrice(`{
      accounts(first: 0) { nodes { name } }
      users(accountId: "../x", userIds: ["u"]) { userId }
      nodes(ids: ["junk"]) { id }
      user(${keys}) { displayName account { users(first: 0) { nodes { userId } } } } }`);

    expect(answer.data).toEqual({
      accounts: null,
      users: null,
      nodes: null,
      user: { displayName: "Amara Okafor", account: { users: null } },
    });
    expect(located(answer)).toEqual([
      [["accounts"], "BAD_USER_INPUT"],
      [["users"], "BAD_USER_INPUT"],
      [["nodes"], "BAD_USER_INPUT"],
      [["user", "account", "users"], "BAD_USER_INPUT"],
    ]);
  });

  test("every field, if no call reaches Chime", async () => {
    const chime = createServer();
    await once(chime.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(chime.address() as AddressInfo).port}`;
    chime.close();
    const gateway = await startOn(url);
    onTestFinished(() => gateway.close());
    const { data, errors } = await ask(gateway.url, {
      query: `{ __typename ${Object.values(examples.Query).join(" ")} }`,
    });

    const missing = Object.keys(examples.Query).map((name) => [
      name,
      name.match(/^(users|nodes)$/) ? [null] : null,
    ]);
    expect(data).toEqual({ __typename: "Query", ...Object.fromEntries(missing) });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(["UPSTREAM_UNAVAILABLE"]),
    );
    expect(errors).toHaveLength(Object.keys(examples.Query).length);
  });
});

describe("a failed mutation does not affect other mutations of its operation:", () => {
  const create = (alias: string, name: string) =>
    `${alias}: createAccount(input: { name: "${name}" }) { account { name } errors { code } }`;
  const update = `updateUser(input: { ${keys}, licenseType: PRO }) { user { licenseType } errors { code } }`;
  const done = (name: string) => ({ account: { name }, errors: [] });

  test("those before and after it are done", async () => {
    await harness.fault({ operation: "UpdateUser", kind: "429" });
    const answer = await harness.ask(
      `mutation { ${create("a", "First")} ${update} ${create("b", "Second")} }`,
    );
    const { data } = await harness.ask(`{ first: accounts(namePrefix: "First") { nodes { name } }
      second: accounts(namePrefix: "Second") { nodes { name } } }`);

    expect(answer.data).toEqual({ a: done("First"), updateUser: null, b: done("Second") });
    expect(located(answer)).toEqual([[["updateUser"], "THROTTLED"]]);
    expect(data).toEqual({ first: { nodes: [{ name: "First" }] }, second: { nodes: [{ name: "Second" }] } });
  });

  test("if Chime is unreachable after the first one", async () => {
    const account = { AccountId: "a", AwsAccountId: "111122223333", Name: "First" };
    const chime = createServer((_request, response) => {
      chime.close();
      response
        .writeHead(201, { "content-type": "application/json", connection: "close" })
        .end(JSON.stringify({ Account: account }));
    });
    await once(chime.listen(0, "127.0.0.1"), "listening");
    const gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
    onTestFinished(() => gateway.close());
    const answer = await ask(gateway.url, { query: `mutation { ${create("a", "First")} ${update} }` });

    expect(answer.data).toEqual({ a: done("First"), updateUser: null });
    expect(located(answer)).toEqual([[["updateUser"], "UPSTREAM_UNAVAILABLE"]]);
  });
});

describe("the list of a caller's allowed accounts", () => {
  const all = [accountId, smallAccountId, twoHundredAccountId].toSorted();
  const closed = useClosedGateway(harness);

  async function list(args = "") {
    const token = await closed.issuer.sign({ scope: "chime:read", chime_accounts: all });
    const query = `{ accounts${args} { nodes { accountId } pageInfo { hasNextPage endCursor } } }`;
    return ask(closed.url, { query }, { authorization: `Bearer ${token}` });
  }
  const idsOf = ({ data }: Answer) =>
    data.accounts.nodes.map((account: { accountId: string }) => account.accountId);

  test("lacks an account that cannot be read, has an error, and continues after it", async () => {
    await harness.fault({ operation: "GetAccount", path: all[1], kind: "500" });
    const whole = await list();
    const first = await list("(first: 1)");
    const second = await list(`(first: 1, after: "${first.data.accounts.pageInfo.endCursor}")`);

    expect(idsOf(whole)).toEqual([all[0], all[2]]);
    expect(located(whole)).toEqual([[["accounts"], "UPSTREAM_UNAVAILABLE"]]);
    expect(whole.errors?.[0]?.extensions["chime"]).toMatchObject({
      operation: "GetAccount",
      httpStatus: 500,
    });
    expect([idsOf(first), idsOf(second)]).toEqual([[all[0]], [all[2]]]);
    expect([located(first), located(second)]).toEqual([[], [[["accounts"], "UPSTREAM_UNAVAILABLE"]]]);
  });

  test("is null with one error if no account can be read", async () => {
    await harness.fault({ operation: "GetAccount", kind: "500" });
    const answer = await list();

    expect(answer.data).toEqual({ accounts: null });
    expect(located(answer)).toEqual([[["accounts"], "UPSTREAM_UNAVAILABLE"]]);
  });
});

test("every field that calls Chime is nullable in the schema", () => {
  const schema = createSchema();
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const nonNull = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .filter(({ field }) => !field.name.startsWith("_"))
    .filter(({ type, field }) => {
      const target = getNamedType(field.type).name;
      return (
        roots.includes(type) ||
        field.astNode?.directives?.some(({ name }) => name.value === "cost") ||
        target.endsWith("Connection") ||
        (type.name.endsWith("Payload") && ["Account", "User"].includes(target))
      );
    })
    .filter(({ field }) => isNonNullType(field.type))
    .map(({ type, field }) => `${type.name}.${field.name}`);

  expect(nonNull).toEqual([]);
});
