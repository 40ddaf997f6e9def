import { type ConstDirectiveNode, type DocumentNode, Kind, parse, print } from "graphql";
import { describe, expect, test } from "vitest";
import { readTypeDefs } from "../../src/graphql/schema.js";
import { useHarness } from "../support/fixture.js";
import { fetchSdl } from "../support/supergraph.js";

const harness = useHarness();

/** What is valid GraphQL, but makes a composer or router reject the subgraph. */
const rejectedSomewhere = ({ definitions }: DocumentNode): string[] =>
  definitions.flatMap((definition) => {
    if (definition.kind === Kind.SCHEMA_DEFINITION)
      return definition.description ? ["schema: has a description"] : [];
    if (!("fields" in definition)) return [];
    return (definition.fields ?? [])
      .filter(({ directives = [] }) => directives.some(isSizedTwice))
      .map((field) => `${definition.name.value}.${field.name.value}: @listSize has both sizes`);
  });

const isSizedTwice = (directive: ConstDirectiveNode): boolean =>
  /(^|_)listSize$/.test(directive.name.value) &&
  ["assumedSize", "slicingArguments"].every((name) =>
    directive.arguments?.some((argument) => argument.name.value === name),
  );

describe("the SDL contains nothing that a composer or router rejects", () => {
  test("in schema/", () => {
    expect(rejectedSomewhere(readTypeDefs())).toEqual([]);
  });

  test("as the gateway serves it", async () => {
    expect(rejectedSomewhere(parse(await fetchSdl(harness.url)))).toEqual([]);
  });

  test("and has @listSize on its lists, so that the rule applies to something", () => {
    expect(print(readTypeDefs()).match(/@listSize\(slicingArguments/g)?.length).toBeGreaterThan(1);
    expect(print(readTypeDefs()).match(/@listSize\(assumedSize/g)?.length).toBeGreaterThan(1);
  });
});

describe("the check of the SDL", () => {
  const twice = `@listSize(assumedSize: 50, slicingArguments: ["first"])`;

  test.each([
    ["a description of the schema", `"All." schema { query: Query }`, ["schema: has a description"]],
    [
      "a block description of the schema",
      `"""\nAll.\n"""\nschema @link(url: "x") { query: Query }`,
      ["schema: has a description"],
    ],
    [
      "a list sized twice",
      `type Query { a: Int rooms(first: Int): [Int] ${twice} }`,
      ["Query.rooms: @listSize has both sizes"],
    ],
    [
      "a list sized twice in an extension",
      `type Query { a: Int } extend type Query { rooms(first: Int): [Int] ${twice} }`,
      ["Query.rooms: @listSize has both sizes"],
    ],
    [
      "a list sized twice in an interface, by the directive's full name",
      `interface House { rooms(first: Int): [Int] ${twice.replace("@", "@federation__")} }`,
      ["House.rooms: @listSize has both sizes"],
    ],
  ])("finds %s", (_what, sdl, problems) => {
    expect(rejectedSomewhere(parse(sdl))).toEqual(problems);
  });

  test("finds nothing in a comment, other descriptions, or a list sized once", () => {
    const sdl = `
      # All.
      schema { query: Query }
      "What can be read."
      type Query { "The rooms." rooms(first: Int): [Int] @listSize(slicingArguments: ["first"]) }
      type House { doors: [Int] @listSize(assumedSize: 4) }`;

    expect(rejectedSomewhere(parse(sdl))).toEqual([]);
  });
});
