import fc from "fast-check";
import {
  execute,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isRequiredArgument,
  parse,
  validate,
} from "graphql";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { readConfig } from "../../src/config.js";
import { compile, createCompiledQueries } from "../../src/graphql/compiledQueries.js";
import { createContext } from "../../src/graphql/context.js";
import { fixedLimits } from "../../src/graphql/limits/limits.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { createSchema } from "../../src/graphql/schema.js";
import { useHarness } from "../support/fixture.js";
import { upstreamOn } from "../support/versions.js";

const { teamAccountId, twoHundredAccountId, emptyAccountId, userId, userEmail, sharedDeviceUserId } = SEED;

const schema = createSchema();

/**
 * The fields of a type without required arguments, with what is below them, except those that the queries below write out.
 * No type is below itself.
 */
function plainFields(typeName: string, except: readonly string[]): fc.Arbitrary<string> {
  const selectionsOf = (path: readonly string[]): string[] =>
    Object.values((schema.getType(path.at(-1) ?? "") as GraphQLObjectType).getFields())
      .filter(({ name, args }) => !except.includes(name) && !args.some(isRequiredArgument))
      .flatMap((field) => {
        const { name } = getNamedType(field.type);
        if (isLeafType(getNamedType(field.type))) return [field.name];
        if (path.includes(name) || path.length > maxDepth) return [];
        const below = selectionsOf([...path, name]);
        return below.length > 0 ? [`${field.name} { ${below.join(" ")} }`] : [];
      });
  return fc.constantFrom("__typename", ...selectionsOf([typeName]));
}

/** A connection, its nodes, and their parts. */
const maxDepth = 3;

/** The selections of random queries: every field of the schema, aliases, fragments and directives. */
const { user, account } = fc.letrec<{ user: string; account: string }>((tie) => ({
  user: selection(
    [
      plainFields("User", ["account"]),
      plainFields("User", ["account"]),
      tie("account").map((below) => `account { ${below} }`),
    ],
    "User",
  ),
  account: selection(
    [
      plainFields("Account", ["users", "user"]),
      plainFields("Account", ["users", "user"]),
      tie("user").map((below) => `users(first: $first) { nodes { ${below} } }`),
      tie("user").map(
        (below) => `page: users(first: 2, userType: PRIVATE_USER) {
        edges { cursor node { ${below} } } pageInfo { hasNextPage endCursor }
      }`,
      ),
      tie("user").map((below) => `user(userId: "${userId}") { ${below} }`),
    ],
    "Account",
  ),
}));

function selection(choices: fc.Arbitrary<string>[], type: string): fc.Arbitrary<string> {
  const directive = fc.constantFrom(
    "",
    "",
    "",
    "@include(if: $yes)",
    "@include(if: $no)",
    "@skip(if: $yes)",
    "@skip(if: $no)",
  );
  return fc
    .array(
      fc.tuple(
        fc.oneof({ maxDepth: 3, depthSize: "small" }, ...(choices as [fc.Arbitrary<string>])),
        directive,
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) =>
      parts
        .map(([text, condition, inFragment]) =>
          inFragment ? `... on ${type} ${condition} { ${text} }` : `... ${condition} { ${text} }`,
        )
        .join(" "),
    )
    .map((text) => `__typename ${text}`);
}

const ids = [userGlobalId({ accountId: teamAccountId, userId }), accountGlobalId(emptyAccountId)];
const root = fc.oneof(
  account.map((below) => `account(accountId: $accountId) { ${below} }`),
  account.map((below) => `accounts(first: 3) { nodes { ${below} } edges { cursor } }`),
  user.map((below) => `users(accountId: $accountId, userIds: $userIds) { ${below} }`),
  user.map((below) => `userByEmail(email: "${userEmail}") { ${below} }`),
  fc
    .tuple(user, account)
    .map(
      ([ofUser, ofAccount]) =>
        `nodes(ids: ${JSON.stringify(ids)}) { id ... on User { ${ofUser} } ... on Account { ${ofAccount} } }`,
    ),
  user.map((below) => `_entities(representations: $representations) { ... on User { ${below} } }`),
);
const query = fc
  .array(root, { minLength: 1, maxLength: 2 })
  .map((roots) => roots.map((text, index) => `root${index}: ${text}`).join("\n"))
  .map(
    (text) => `query (
      $accountId: ID!, $userIds: [ID!]!, $first: Int, $representations: [_Any!]!,
      $yes: Boolean = true, $no: Boolean = false
    ) {
      used: account(accountId: $accountId) { users(first: $first) { nodes { userId @include(if: $yes) } } }
      all: users(accountId: $accountId, userIds: $userIds) { userId id @skip(if: $no) }
      by: _entities(representations: $representations) { __typename }
      ${text}
    }`,
  );

const variables = {
  accountId: teamAccountId,
  userId,
  userIds: [userId, sharedDeviceUserId, "missing", userId],
  first: 3,
  representations: [
    { __typename: "User", primaryEmail: userEmail },
    { __typename: "User", accountId: teamAccountId, userId },
  ],
  yes: true,
  no: false,
};

describe("a compiled query", () => {
  const harness = useHarness();

  test("returns exactly what graphql returns, and fails if graphql fails", { timeout: 120_000 }, async () => {
    const upstream = upstreamOn(harness.chimeUrl);
    onTestFinished(() => upstream.close());
    const limits = { ...fixedLimits, ...readConfig({}).limits };
    const contextValue = () =>
      createContext(upstream, {}, false, { codes: [], payloadCodes: new Set() }, limits);
    const compiled = (text: string) => {
      const document = parse(text);
      expect(validate(schema, document), text).toEqual([]);
      const [operation] = document.definitions;
      if (operation?.kind !== "OperationDefinition") throw new Error("No operation.");
      return compile(schema, document, operation);
    };
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(query, fc.boolean(), async (conditional, isWrong) => {
        expect(await compiled(conditional), conditional).toBeUndefined();
        const text = conditional.replace(/@(skip|include)\(if: \$\w+\)|\$(yes|no): Boolean = \w+/g, "");
        const document = parse(text);
        const run = await compiled(text);
        fc.pre(run !== undefined);
        const given = isWrong ? { ...variables, accountId: "no/id" } : variables;
        const truth = await execute({
          schema,
          document,
          contextValue: contextValue(),
          variableValues: given,
        });
        const result = await run(undefined, contextValue(), given);
        expect(result.errors !== undefined, text).toBe(truth.errors !== undefined);
        // After an error graphql executes the whole query again.
        if (!truth.errors) expect(JSON.stringify(result.data), text).toBe(JSON.stringify(truth.data));
        compared++;
      }),
      { numRuns: 150, seed: 7 },
    );
    expect(compared).toBe(150);
  });

  test("has at most 60 fields, counting fragments wherever they are spread", async () => {
    const levels = Array.from(
      { length: 5 },
      (_, n) =>
        `fragment A${n} on Account { a: user(userId: "x") { account { ...A${n + 1} } } b: user(userId: "y") { account { ...A${n + 1} } } }`,
    );
    const document = parse(
      `query { accounts { nodes { ...A0 } } } ${levels.join(" ")} fragment A5 on Account { name }`,
    );
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition") throw new Error("No operation.");
    expect(validate(schema, document)).toEqual([]);
    expect(await compile(schema, document, operation)).toBeUndefined();
  });

  test("is compiled after the request that repeats it, one query at a time", async () => {
    const onError = vi.fn();
    const queries = createCompiledQueries(schema, onError);
    const [first, second] = ["name", "accountId"].map((name) => {
      const document = parse(`{ accounts { nodes { ${name} } } }`);
      const [operation] = document.definitions;
      if (operation?.kind !== "OperationDefinition") throw new Error("No operation.");
      return () => queries.find(document, operation);
    });
    expect([first?.(), second?.()]).toEqual([undefined, undefined]);
    expect([first?.(), second?.()]).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(first?.()).toBeTypeOf("function"), { interval: 1 });
    expect(second?.()).toBeUndefined();
    await vi.waitFor(() => expect(second?.()).toBeTypeOf("function"), { timeout: 10_000 });
    expect(onError).not.toHaveBeenCalled();
  });

  test("has the same responses as before its compilation, errors included", async () => {
    const text = `query Again($accountId: ID!, $userIds: [ID!]!) {
      users(accountId: $accountId, userIds: $userIds) { userId displayName account { name users(first: 2) { nodes { id } } } }
    }`;
    const bad = { ...variables, userIds: ["not an id"] };
    const answers = [];
    for (let n = 0; n < 4; n++)
      answers.push(
        JSON.stringify([
          await harness.ask(text, variables),
          await harness.ask(text, bad),
          await harness.ask(text, { accountId: 1, userIds: null }),
        ]),
      );
    expect(new Set(answers).size).toBe(1);
    const [[{ data }, rejected, invalid]] = answers.map((answer) => JSON.parse(answer));
    expect(data.users[0].account.users.nodes).toHaveLength(2);
    expect(rejected.errors).toHaveLength(1);
    expect(invalid.errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });

  test("that fails makes no call twice, and reports each error once", async () => {
    const text = `query Failing($accountId: ID!, $userIds: [ID!]!) {
      users(accountId: $accountId, userIds: $userIds) { userId personalPin }
    }`;
    const userIds = await harness.userIds(twoHundredAccountId, 3);
    await harness.fault({ operation: "GetUser", kind: "malformed" });
    const counts = [];
    for (let n = 0; n < 4; n++) {
      await harness.forgetCalls();
      const { errors } = await harness.ask(text, {
        accountId: twoHundredAccountId,
        userIds: [...userIds, ...userIds],
      });
      counts.push([errors?.length, await harness.calls()]);
    }
    expect(counts).toEqual(Array(4).fill([6, { GetUser: 3 }]));
  });
});
