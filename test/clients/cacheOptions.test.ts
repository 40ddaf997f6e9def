import type { InMemoryCache } from "@apollo/client";
import { type GraphQLField, getNamedType, getNullableType, isListType, isObjectType } from "graphql";
import { describe, expect, test } from "vitest";
import { createSchema } from "../../src/graphql/schema.js";
import { readPage } from "../support/docs.js";
import { createClient } from "./app/client.js";
import { cacheOptions } from "./app/urql.js";

interface Place {
  readonly parent: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** The type of the field's value, or of its items. */
  readonly type: string;
}

const schema = createSchema();
const placesOf = (name: string): Place[] => {
  const type = schema.getType(name);
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  return fields.map((field) => ({ parent: name, field, type: getNamedType(field.type).name }));
};

/** All fields that queries can reach. */
const places: Place[] = [];
const reached = new Set(["Query"]);
// The iteration includes the types that are added meanwhile. Routers alone use `_Entity` and `_Service`.
for (const name of reached)
  for (const place of placesOf(name).filter(({ type }) => !type.startsWith("_"))) {
    reached.add(place.type);
    places.push(place);
  }
const connections = places.filter(({ type }) => type.endsWith("Connection"));
/** Fields with objects that have no id. Clients know connections themselves. */
const embedded = places.filter(({ type: name }) => {
  const type = schema.getType(name);
  return isObjectType(type) && !("id" in type.getFields()) && !/PageInfo|(Connection|Edge)$/.test(name);
});
const deletions = placesOf("Mutation").filter(({ type }) =>
  placesOf(type).some(({ field }) => field.name === "deletedId"),
);
const nameOf = ({ parent, field }: Place) => `${parent}.${field.name}`;

describe("the documented cache of Apollo Client", () => {
  const { policies } = createClient("http://127.0.0.1/graphql").cache as InMemoryCache;

  test.each(connections.map((place) => [nameOf(place), place] as const))(
    "joins the pages of %s, and keeps lists with other filters apart",
    (_name, { parent: typename, field }) => {
      const names = field.args.map(({ name }) => name);
      const keyOf = (args: Record<string, string>) =>
        policies.getStoreFieldName({ typename, fieldName: field.name, args });
      const everyArgument = Object.fromEntries(names.map((name) => [name, "1"]));

      expect(policies.getReadFunction(typename, field.name)).toBeDefined();
      const affectsKey = (name: string) => keyOf(everyArgument) !== keyOf({ ...everyArgument, [name]: "2" });
      expect(names.filter((name) => !affectsKey(name))).toEqual(["first", "after"]);
    },
  );

  test.each(
    embedded
      // Items of lists cannot be merged: the page says so.
      .filter(({ parent, field }) => !parent.endsWith("Edge") && !isListType(getNullableType(field.type)))
      .map((place) => [nameOf(place), place] as const),
  )("merges what two queries select of %s, which has no id", (_name, { parent, field, type }) => {
    expect(policies.getMergeFunction(parent, field.name, type)).toBeDefined();
  });
});

describe("the documented cache of urql", () => {
  test("joins the pages of every list", () => {
    const joined = Object.entries(cacheOptions.resolvers).flatMap(([parent, fields]) =>
      Object.keys(fields).map((field) => `${parent}.${field}`),
    );
    expect(joined.toSorted()).toEqual(connections.map(nameOf).toSorted());
  });

  test("embeds every type without an id that a query can reach", () => {
    const types = new Set(embedded.map(({ type }) => type));
    expect(Object.keys(cacheOptions.keys)).toEqual([...types].toSorted());
  });

  test("forgets what each mutation deletes", () => {
    const names = deletions.map(({ field }) => field.name);
    expect(Object.keys(cacheOptions.updates.Mutation).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(readPage("docs/frontend.md")).toContain(`\`${name}\``);
  });
});
