import { GraphQLError } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { createUpstream } from "../../../src/chime/upstream.js";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { readConfig } from "../../../src/config.js";
import { createFormatError } from "../../../src/graphql/errors.js";
import { fixedLimits } from "../../../src/graphql/limits/limits.js";
import { startGateway } from "../../../src/server/listen.js";
import { type Answer, ask, startOn, useClosedGateway, useHarness } from "../../support/fixture.js";
import { startStub } from "../../support/stub.js";

const harness = useHarness();
const { largeAccountId, teamAccountId } = SEED;

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(" ");

/** How many errors a response has and leaves out, and their codes. */
const countsOf = ({ errors = [], extensions }: Answer) => ({
  errors: errors.length,
  omitted: extensions?.omittedErrors,
  codes: [...new Set(errors.map((error) => error.extensions.code))],
});

describe("a response has at most 100 errors, and the number of the others:", () => {
  const closed = useClosedGateway(harness);

  const pins = (rows: number, aliases: number) =>
    `{ account(accountId: "${largeAccountId}") { users(first: ${rows}) {
      nodes { ${many(aliases, (i) => `a${i}: personalPin`)} } } } }`;
  async function askClosed(query: string): Promise<Answer> {
    const token = await closed.issuer.sign({ scope: "chime:read" });
    return ask(closed.url, { query }, { authorization: `Bearer ${token}` });
  }

  test.each([
    [100, 1, undefined],
    [101, 1, 1],
    [50, 3, 50],
    // A large operation, whose errors are not even made.
    [400, 10, 3_900],
  ])("a forbidden field of %i rows under %i aliases", async (rows, aliases, omitted) => {
    const answer = await askClosed(pins(rows, aliases));

    expect(countsOf(answer)).toEqual({ errors: 100, omitted, codes: ["FORBIDDEN"] });
    expect(answer.data.account.users.nodes).toEqual(
      Array(rows).fill(Object.fromEntries(Array.from({ length: aliases }, (_, i) => [`a${i}`, null]))),
    );
  });

  test.each([
    [60, 2, 20],
    [400, 10, 3_900],
  ])("a failing field of %i rows under %i aliases", async (rows, aliases, omitted) => {
    await harness.fault({ operation: "GetUser", kind: "503" });
    const answer = await harness.ask(pins(rows, aliases));

    expect(countsOf(answer)).toEqual({ errors: 100, omitted, codes: ["UPSTREAM_UNAVAILABLE"] });
    expect(answer.data.account.users.nodes).toHaveLength(rows);
  });

  test.each([
    [100, undefined, /^Cannot query field/],
    // graphql stops counting, and adds an error of its own: a number would be wrong.
    [600, undefined, /^Too many validation errors/],
  ])("%i unknown fields, without a number if it is unknown", async (count, omitted, last) => {
    const answer = await harness.ask(`{ accounts { nodes { ${many(count, (i) => `unknown${i}`)} } } }`);

    expect(countsOf(answer)).toEqual({ errors: 100, omitted, codes: ["GRAPHQL_VALIDATION_FAILED"] });
    expect(answer.errors?.at(-1)?.message).toMatch(last);
  });

  test("failing users of a list", async () => {
    await harness.fault({ operation: "ListUsers", kind: "503" });
    await harness.fault({ operation: "GetUser", kind: "503" });
    const userIds = Array.from({ length: 150 }, (_, i) => `u${i}`);
    const answer = await harness.ask(
      `query ($userIds: [ID!]!) { users(accountId: "${teamAccountId}", userIds: $userIds) { id } }`,
      { userIds },
    );

    expect(countsOf(answer)).toEqual({ errors: 100, omitted: 50, codes: ["UPSTREAM_UNAVAILABLE"] });
    expect(answer.data).toEqual({ users: Array(150).fill(null) });
  });

  test("entities of unknown types", async () => {
    const answer = await harness.ask(
      "query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }",
      { of: Array(1_000).fill({ __typename: "Room" }) },
    );

    expect(countsOf(answer)).toEqual({ errors: 100, omitted: 900, codes: ["BAD_USER_INPUT"] });
  });

  test("unknown enum values, the same for each repetition of the query", async () => {
    const users = Array.from({ length: 150 }, (_, i) => ({ UserId: `u${i}`, LicenseType: "Gold" }));
    const account = { AccountId: "a", AwsAccountId: "1", Name: "A", SupportedLicenses: ["Gold"] };
    const stub = await startStub(({ url = "" }, response) => {
      const body = url.includes("/users") ? { Users: users } : { Account: account };
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    });
    const gateway = await startOn(stub.url);
    onTestFinished(async () => {
      await gateway.close();
      await stub.close();
    });
    const query = `{ account(accountId: "a") {
      supportedLicenses users(first: 200) { nodes { licenseType license: licenseType } } } }`;

    for (let time = 0; time < 4; time++) {
      const answer = await ask(gateway.url, { query });
      expect(countsOf(answer)).toEqual({ errors: 100, omitted: 201, codes: ["INTERNAL_SERVER_ERROR"] });
      expect(answer.data.account.users.nodes).toEqual(Array(150).fill({ licenseType: null, license: null }));
    }
  });

  test("the number is absent if all errors are reported", async () => {
    const { extensions } = await harness.ask(pins(10, 1), {}, { "x-chime-trace": "1" });

    expect(Object.keys(extensions ?? {})).toEqual(["chime"]);
  });
});

describe("a stack overflow", () => {
  test("in execution is an internal error, for each repetition of the query", async () => {
    const overflow = (depth: number): number => 1 + overflow(depth + 1);
    const config = readConfig({ PORT: "0", LOG_LEVEL: "silent" });
    const target = { mode: "local", endpoint: harness.chimeUrl } as const;
    const upstream = createUpstream({ ...config.chime, target });
    const gateway = await startGateway(
      { ...config, trace: false },
      {
        ...upstream,
        createSession: (...caller) => ({
          ...upstream.createSession(...caller),
          read: async () => {
            throw overflow(0);
          },
        }),
      },
    );
    onTestFinished(async () => {
      await gateway.close();
      upstream.close();
    });

    for (let time = 0; time < 4; time++)
      expect(await ask(gateway.url, { query: "{ accounts { nodes { id } } }" })).toMatchObject({
        errors: [{ message: "Internal server error.", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
      });
  });

  test.each([
    ["GRAPHQL_PARSE_FAILED", "LIMIT_EXCEEDED"],
    ["GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"],
    ["INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR"],
  ])(
    "that Apollo reports as %s is %s in the response, and logged if it is an internal error",
    (code, answered) => {
      const logged: unknown[] = [];
      const format = createFormatError({ ...fixedLimits, ...readConfig({}).limits }, (error) =>
        logged.push(error),
      );
      const overflow = new RangeError("Maximum call stack size exceeded");
      const { message } = overflow;
      const error = new GraphQLError(message, { originalError: overflow });

      expect(format({ message, extensions: { code } }, error)).toMatchObject({
        extensions: { code: answered },
      });
      expect(logged).toEqual(answered === "LIMIT_EXCEEDED" ? [] : [overflow]);
    },
  );
});
