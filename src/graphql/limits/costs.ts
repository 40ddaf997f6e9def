import {
  type ConstDirectiveNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  printSchema,
  TypeNameMetaFieldDef,
} from "graphql";
import { constraintOf } from "../../chime-api/constraints.js";
import type { Field } from "./operation.js";

/** The cost of a field by the SDL. */
interface Cost {
  /** Upstream calls for the field, or for each item if it is a list; for a connection, for each of Chime's pages. */
  readonly calls: number;
  /** The rows of one of Chime's pages, if it is a connection. */
  readonly pageSize: number;
  /** The arguments that give the length of the lists right below the field. */
  readonly slicingArguments: readonly string[] | undefined;
  /** The assumed length of a list whose length no argument gives. */
  readonly assumedSize: number | undefined;
  /** Upstream calls for the field's arguments. */
  callsOf(args: Readonly<Record<string, unknown>>): number;
  /** The values that the field, or each item of its list, counts as. */
  readonly values: number;
  /** Whether it leads from one entity to another. */
  readonly isReference: boolean;
  /** The bytes of its value, if it is a leaf. */
  readonly bytes: number;
  /** Whether it is a leaf whose value may be longer than that: a text. */
  readonly isText: boolean;
}

interface Directives {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
}
type CallsOf = (value: unknown) => number;

/** Rows per page of ListAccounts, ListUsers and all other lists, except the search for phone numbers, which has more. */
const maxUsersPerPage = constraintOf("ListUsersRequest", "MaxResults").max ?? 1;
const maxRowsPerPage = constraintOf("ListRoomsRequest", "MaxResults").max ?? 1;

/** The weight of a call to Chime in the SDL. */
const weightOfCall = 10;

/** A fetched value takes as much CPU as ten others: promises and a loader's lookup. */
export const valuesOfFetched = 10;
/** graphql does not pause during introspection, so it must be short. */
const valuesOfIntrospected = 12;

/** Assumed bytes of values. Global ids of users and cursors have up to 140 characters. */
export const bytesOf = { opaque: 140, text: 80, description: 250, other: 40 };
const opaqueFields: ReadonlySet<string> = new Set(["id", "cursor", "startCursor", "endCursor"]);
const textTypes: ReadonlySet<string> = new Set(["String", "EmailAddress"]);
const idType = "ID";

/** Reads `@cost` and `@listSize` of the schema's fields. */
export function readCosts(schema: GraphQLSchema): (parent: GraphQLNamedType, field: Field) => Cost {
  const costs = new Map<Field, Cost>();
  const callsOfTypes = new Map<GraphQLInputType, CallsOf>();
  const lengthOfSdl = printSchema(schema).length * 1.25;

  return (parent, field) => {
    const cached = costs.get(field);
    if (cached) return cached;
    const { slicingArguments, assumedSize } = directive("listSize", field) ?? {};
    const calls = callsOfPlace(field);
    const callsOfArguments = callsOfMembers(field.args);
    const target = getNamedType(field.type);
    const isReference = isEntity(parent) && isEntity(target) && field.args.length === 0;
    const cost: Cost = {
      calls,
      pageSize: /(Account|User)Connection$/.test(target.name) ? maxUsersPerPage : maxRowsPerPage,
      slicingArguments: (slicingArguments as readonly string[] | null) ?? undefined,
      assumedSize: (assumedSize as number | null) ?? undefined,
      callsOf: callsOfArguments ?? (() => 0),
      values:
        calls > 0 || callsOfArguments !== undefined || isReference
          ? valuesOfFetched
          : isIntrospectionType(parent)
            ? valuesOfIntrospected
            : 1,
      isReference,
      bytes: bytesOfField(parent, field),
      isText: textTypes.has(target.name) || target.name === idType,
    };
    costs.set(field, cost);
    return cost;
  };

  function directive(name: string, { astNode }: Directives): Record<string, unknown> | undefined {
    const definition = schema.getDirective(name);
    if (!definition) throw new Error(`The schema has no @${name}.`);
    return getDirectiveValues(definition, { directives: astNode?.directives ?? [] });
  }

  function callsOfPlace(place: Directives): number {
    return Number(directive("cost", place)?.["weight"] ?? 0) / weightOfCall;
  }

  function isEntity(type: GraphQLNamedType): boolean {
    const nodes = [type.astNode, ...type.extensionASTNodes];
    return (
      isObjectType(type) && nodes.some((node) => node?.directives?.some(({ name }) => name.value === "key"))
    );
  }

  /** The calls that arguments, or the members of an input, cost. @returns undefined if they never cost one */
  function callsOfMembers(
    members: readonly (Directives & { readonly name: string; readonly type: GraphQLInputType })[],
  ): CallsOf | undefined {
    const costly = members.flatMap((member) => {
      const calls = callsOfPlace(member);
      const below = callsOfType(getNamedType(member.type));
      return calls > 0 || below ? [{ name: member.name, calls, below }] : [];
    });
    if (costly.length === 0) return undefined;
    return (object) => {
      let total = 0;
      for (const { name, calls, below } of costly) {
        const items = itemsOf((object as Record<string, unknown>)[name]);
        total += calls * items.length;
        if (below)
          for (const item of items) if (typeof item === "object" && item !== null) total += below(item);
      }
      return total;
    };
  }

  function callsOfType(type: GraphQLInputType): CallsOf | undefined {
    if (!isInputObjectType(type)) return undefined;
    if (!callsOfTypes.has(type)) {
      // An input that contains itself would cost infinitely much.
      callsOfTypes.set(type, () => 0);
      const calls = callsOfMembers(Object.values(type.getFields()));
      if (calls) callsOfTypes.set(type, calls);
      else callsOfTypes.delete(type);
      return calls;
    }
    return callsOfTypes.get(type);
  }

  function bytesOfField(parent: GraphQLNamedType, field: Field): number {
    const { name } = field;
    if (parent.name === "_Service") return lengthOfSdl;
    if (isIntrospectionType(parent) && name === "description") return bytesOf.description;
    if (field === TypeNameMetaFieldDef) return bytesOf.other;
    if (opaqueFields.has(name)) return bytesOf.opaque;
    const type = getNamedType(field.type);
    return isScalarType(type) && textTypes.has(type.name) ? bytesOf.text : bytesOf.other;
  }
}

/** GraphQL takes a single value for a list of one. */
export const itemsOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
