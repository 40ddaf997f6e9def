import { isListType, isNonNullType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createSchema } from "../../src/graphql/schema.js";
import { ask, useHarness } from "../support/fixture.js";
import { composers, fetchSdl, type Router, routers } from "../support/supergraph.js";

const harness = useHarness();
const { teamAccountId } = SEED;
const maxCost = 1000;
let router: Router;

beforeAll(async () => {
  const { supergraph } = composers["@apollo/composition"]([
    { name: "chime", url: `${harness.url}/graphql`, sdl: await fetchSdl(harness.url) },
  ]);
  router = await routers["Hive Gateway"](supergraph, maxCost);
});
afterAll(() => router?.close());

/** What a router's demand control takes an operation to cost. It adds 1 for each object. */
async function cost(query: string, variables?: object): Promise<number> {
  const { errors, extensions } = await ask(router.url, { query, variables });
  expect(errors).toBeUndefined();
  return (extensions as { cost: { estimated: number } }).cost.estimated;
}

describe("a router's demand control", () => {
  test("prices a list by its argument first, in the query or in a variable, and by 50 without it", async () => {
    const call = 10 + 1;

    expect(await cost(`{ accounts(first: 3) { nodes { name } } }`)).toBe(call + 3);
    expect(await cost(`query ($n: Int) { accounts(first: $n) { nodes { name } } }`, { n: 200 })).toBe(
      call + 200,
    );
    expect(await cost(`{ accounts { nodes { name } } }`)).toBe(call + 50);
    expect(await cost(`{ accounts(first: 3) { edges { node { name } } } }`)).toBe(call + 3 * 2);
  });

  test("prices a list in a list by the product", async () => {
    expect(
      await cost(`{ accounts(first: 3) { nodes { users(first: 10) { nodes { displayName } } } } }`),
    ).toBe(11 + 3 * (1 + 11 + 10));
  });

  test("prices fields that lists lack, such as the PIN, by one call per user", async () => {
    const users = (field: string) =>
      cost(`{ account(accountId: "${teamAccountId}") { users(first: 10) { nodes { ${field} } } } }`);

    expect((await users("personalPin")) - (await users("displayName"))).toBe(10 * 10);
  });

  test("rejects a query that costs too much before Chime is called", async () => {
    const { errors } = await ask(router.url, {
      query: `{ account(accountId: "${teamAccountId}") { users(first: 1000) { nodes { personalPin } } } }`,
    });

    expect(errors).toMatchObject([{ extensions: { code: "COST_ESTIMATED_TOO_EXPENSIVE" } }]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("the schema", () => {
  const fields = Object.values(createSchema().getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("_"))
    .flatMap((type) =>
      (isObjectType(type) ? Object.values(type.getFields()) : []).map((field) => ({ type, field })),
    )
    .filter(({ field }) => !field.name.startsWith("_"))
    .map(({ type, field }) => ({
      place: `${type.name}.${field.name}`,
      isList: isListType(isNonNullType(field.type) ? field.type.ofType : field.type),
      directives: (field.astNode?.directives ?? []).map(({ name }) => name.value),
    }));

  test("assigns a size to every list", () => {
    const unsized = fields.filter(({ isList, directives }) => isList && !directives.includes("listSize"));

    // The field above edges and nodes has their size.
    const others = unsized.filter(({ place }) => !/^\w+Connection\.(edges|nodes)$/.test(place));

    // A list of words costs nothing.
    expect(others.map(({ place }) => place)).toEqual(["MutationError.path"]);
  });

  test("assigns every query and mutation the cost of its calls to Chime, 10 per call", () => {
    const roots = fields.filter(({ place }) => /^(Query|Mutation)\./.test(place));
    const unpriced = roots.filter(({ directives }) => !directives.includes("cost"));

    // These two are priced by how many ids they are given.
    expect(unpriced.map(({ place }) => place).toSorted()).toEqual(["Query.nodes", "Query.users"]);
  });
});
