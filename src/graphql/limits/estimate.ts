import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  isUnionType,
} from "graphql";
import { limits as chimeLimits } from "../../chime/models.js";
import { maxPageSize } from "../resolvers/validation.js";
import { itemsOf, readCosts } from "./costs.js";
import { measureIntrospection } from "./introspection.js";
import { type Limits, overLimit } from "./limits.js";
import type { Field, Selected } from "./selections.js";
import { pathOfLongest, type Values } from "./values.js";

export type Amount = Record<"nodes" | "calls" | "values" | "responseBytes", number>;

/** What an operation comes to at most, unless Chime's lists are longer than the SDL assumes. */
export interface Estimate extends Amount {
  readonly lists: ReadonlyMap<FieldNode, ListEstimate>;
}

/** Of a list of objects. */
interface ListEstimate {
  /** What each item comes to. */
  readonly each: Amount;
  /** The length, where nothing but the SDL's assumption gives it. */
  readonly assumedLength?: number | undefined;
}

type Arguments = Readonly<Record<string, unknown>>;

/** Where fields are selected. */
interface Place {
  /** How long the lists right below are, where an argument of the field above gives it. */
  readonly length?: number | undefined;
  /** Whether these lists are the same rows twice, as `edges` and `nodes` are, which are counted above. */
  readonly isCounted?: boolean;
  /** Whether each object here was fetched by a call of its own: then it has all its fields, but not what it refers to. */
  readonly isFetchedAlone?: boolean;
  /** Whether it is one of all types of the schema. */
  readonly isOfAll?: boolean;
}

/** A fetched value takes as much CPU as ten others: promises, a look-up in a loader. */
const valuesOfFetched = 10;
/** `"":,` around a key and its value. */
const punctuation = 4;
/** Finding a user by e-mail takes ListAccounts and ListUsers. */
const callsByEmail = 2;

/**
 * Estimates operations by the SDL's `@cost` and `@listSize`: what is selected within a list counts as often as the list is
 * long.
 */
export function createEstimate(
  schema: GraphQLSchema,
  limits: Limits,
): (selected: readonly Selected[], values: Values) => Estimate {
  const costOf = readCosts(schema);
  const introspectedLength = measureIntrospection(schema);

  return (selected, values) => {
    const lists = new Map<FieldNode, ListEstimate>();
    return { ...estimateAll(selected, {}), lists };

    function estimateAll(fields: readonly Selected[], place: Place): Amount {
      const total = { nodes: 0, calls: 0, values: 0, responseBytes: 0 };
      // Leaf fields that rows lack come with one call for each object, all together.
      let completing = 0;
      for (const selected of fields) {
        const { calls } = costOf(selected.parent, selected.field);
        const isLeaf = selected.below.length === 0;
        if (isLeaf && !place.isFetchedAlone) completing = Math.max(completing, calls);
        add(total, estimateField(selected, place));
      }
      total.calls += completing;
      return total;
    }

    /** Its own key and value, and all below. */
    function estimateField(selected: Selected, place: Place): Amount {
      const { key, parent, field, node, below } = selected;
      const cost = costOf(parent, field);
      const weight = cost.isFetched ? valuesOfFetched : 1;
      const own = { nodes: 0, calls: 0, values: weight, responseBytes: key.length + punctuation };
      const isList = isListType(getNullableType(field.type));
      const args = values.argumentsOf(node);
      const given = longestArgument(field.name, args);
      if (below.length === 0) {
        const items = isList ? (cost.assumedSize ?? 1) : 1;
        return { ...own, values: weight * items, responseBytes: own.responseBytes + items * cost.bytes };
      }
      if (field.name === "_entities") return estimateEntities(selected, own, args);

      const callsOfArguments = cost.callsOf(args);
      const isFetchedAlone = cost.calls > 0 || callsOfArguments > 0;
      if (cost.slicingArguments) {
        const length = sliceOf(field, args, cost.slicingArguments);
        own.calls = callsOfArguments + cost.calls * pagesOf(length, args);
        own.nodes = length;
        return add(own, estimateAll(below, { length, isCounted: true }));
      }
      if (isList) {
        const isOfAll = place.isOfAll || field.name === "types";
        const length = given ?? place.length ?? cost.assumedSize ?? introspectedLength(field.name, isOfAll);
        own.calls = callsOfArguments + cost.calls * length;
        own.nodes = place.isCounted ? 0 : length;
        own.values = 1 + weight * length;
        const each = estimateAll(below, { isFetchedAlone, isOfAll });
        lists.set(node, {
          each,
          assumedLength: (given ?? place.length) === undefined ? cost.assumedSize : undefined,
        });
        return add(own, each, length);
      }
      own.calls = callsOfArguments + (cost.isReference && place.isFetchedAlone ? 1 : cost.calls);
      return add(own, estimateAll(below, { length: given, isFetchedAlone }));
    }

    /** A router's representations, each by its type and key. */
    function estimateEntities(
      { below, field, node }: Selected,
      own: Amount,
      { representations }: Arguments,
    ): Amount {
      const kinds = new Map<string, { readonly type: unknown; readonly isByEmail: boolean; count: number }>();
      for (const representation of itemsOf(representations)) {
        const { __typename, id, accountId, userId, primaryEmail } = Object(representation);
        const isByEmail = primaryEmail != null && id == null && (accountId == null || userId == null);
        const type = entityType(field, __typename);
        const name = `${type?.name} ${isByEmail}`;
        const kind = kinds.get(name) ?? { type, isByEmail, count: 0 };
        kind.count++;
        kinds.set(name, kind);
      }
      for (const { type, isByEmail, count } of kinds.values()) {
        const ofType = below.filter(({ parent }) => parent === type || !isObjectType(parent));
        const each = estimateAll(ofType, { isFetchedAlone: !isByEmail });
        each.calls += isByEmail ? callsByEmail : 1;
        each.values += valuesOfFetched;
        each.nodes += 1;
        if (each.values > (lists.get(node)?.each.values ?? 0)) lists.set(node, { each });
        add(own, each, count);
      }
      return own;
    }

    /** Of other types there is nothing to count, however many names a caller thinks of. */
    function entityType(field: Field, name: unknown): GraphQLObjectType | undefined {
      const entities = getNamedType(field.type);
      const type = typeof name === "string" ? schema.getType(name) : undefined;
      const isEntity = isUnionType(entities) && isObjectType(type) && schema.isSubType(entities, type);
      return isEntity ? type : undefined;
    }

    /** How many items the longest list in a field's arguments has. */
    function longestArgument(name: string, args: Arguments): number | undefined {
      const length = values.longestList(args);
      const limit = name === "_entities" ? "entities" : "listItems";
      if (length !== undefined && length > limits[limit])
        throw overLimit(limits, limit, length, [name, ...pathOfLongest(args, values)]);
      return length;
    }
  };
}

/** Rows of a connection's page. More than the largest page is refused by the field itself. */
function sliceOf({ args: definitions }: Field, args: Arguments, slicing: readonly string[]): number {
  const slices = slicing.map((name) => {
    const given = args[name];
    return typeof given === "number"
      ? given
      : Number(definitions.find((arg) => arg.name === name)?.defaultValue);
  });
  return Math.min(Math.max(0, ...slices.filter(Number.isFinite)), maxPageSize);
}

/** A cursor may lead into the middle of one of Chime's pages, whose first rows are fetched again. */
function pagesOf(length: number, { after }: Arguments): number {
  const rows = length + (after === undefined || after === null ? 0 : chimeLimits.pageSize);
  return Math.max(1, Math.ceil(rows / chimeLimits.pageSize));
}

function add(total: Amount, more: Amount, times = 1): Amount {
  total.nodes += more.nodes * times;
  total.calls += more.calls * times;
  total.values += more.values * times;
  total.responseBytes += more.responseBytes * times;
  return total;
}
