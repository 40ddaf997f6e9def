import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNullableType,
  isIntrospectionType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { maxPageSize } from "../resolvers/shared/validation.js";
import { bytesOf, readCosts, valuesOfFetched } from "./costs.js";
import { createEntityCount } from "./entities.js";
import { measureIntrospection } from "./introspection.js";
import { type Limits, overLimit } from "./limits.js";
import {
  createValues,
  type Field,
  pathOfLongest,
  type Selected,
  selectionsOf,
  type Values,
} from "./operation.js";

type Amount = Record<"nodes" | "calls" | "values" | "responseBytes", number>;

/** The most that an operation may come to, unless Chime's lists are longer than the SDL assumes. */
export interface Estimate extends Amount {
  readonly lists: ReadonlyMap<FieldNode, ListEstimate>;
}

/** The estimate of a list of objects. */
interface ListEstimate {
  /** The amount of each item. */
  readonly each: Amount;
  /** The length, if only the SDL's assumption gives it. */
  readonly assumedLength?: number | undefined;
  /** The texts that are selected of each item. */
  readonly texts: number;
}

type Arguments = Readonly<Record<string, unknown>>;

/** The position of selected fields. */
interface Place {
  /** The length of the lists right below, if an argument of the field above gives it. */
  readonly length?: number | undefined;
  /** Whether these lists have the same rows, as `edges` and `nodes` have, which are counted above. */
  readonly isCounted?: boolean;
  /** Whether each object here was fetched by its own call: then it has all its fields, but not what it refers to. */
  readonly isFetchedAlone?: boolean;
  /** Whether it is within the list of all types of the schema. */
  readonly isWithinTypes?: boolean;
  /** The bytes by which the texts of a mutation's input exceed the assumed length: the payload may return each of them. */
  readonly excessText?: number;
}

/** `"":,` around a key and its value. */
const punctuation = 4;

/**
 * Estimates operations by the SDL's `@cost` and `@listSize`: what is selected within a list counts once for each item.
 *
 * @returns a function that estimates a valid operation with its variables, and throws a LimitError if that is too much
 */
export function createEstimate(
  schema: GraphQLSchema,
  limits: Limits,
): (document: DocumentNode, operation: OperationDefinitionNode, variables: Arguments) => Estimate {
  const costOf = readCosts(schema);
  const introspectedLength = measureIntrospection(schema);
  /** Documents are cached, and mostly come again with other variables. */
  const selections = new WeakMap<OperationDefinitionNode, readonly Selected[]>();
  /** The last estimate of each operation, which mostly comes again with similar variables. */
  const estimates = new WeakMap<OperationDefinitionNode, { key: string; estimate: Estimate }>();

  return (document, operation, variables) => {
    const key = keyOf(operation, variables);
    const known = estimates.get(operation);
    if (known && known.key === key) return known.estimate;
    const selected = selections.get(operation) ?? selectionsOf(schema, document, operation);
    selections.set(operation, selected);
    const estimate = estimateOperation(selected, createValues(operation, variables, limits));
    for (const name of ["nodes", "calls", "values", "responseBytes"] as const) {
      const count = Math.ceil(estimate[name]);
      if (count > limits[name]) throw overLimit(limits, name, count);
    }
    if (key !== undefined) estimates.set(operation, { key, estimate });
    return estimate;
  };

  function estimateOperation(selected: readonly Selected[], values: Values): Estimate {
    const lists = new Map<FieldNode, ListEstimate>();
    const entities = createEntityCount(schema);
    return { ...estimateAll(selected, {}), lists };

    function estimateAll(fields: readonly Selected[], place: Place): Amount {
      const total = { nodes: 0, calls: 0, values: 0, responseBytes: 0 };
      // All leaf fields that rows lack come with one call for each object.
      let completing = 0;
      for (const field of fields) {
        const { calls } = costOf(field.parent, field.field);
        const isLeaf = field.below.length === 0;
        if (isLeaf && !place.isFetchedAlone) completing = Math.max(completing, calls);
        add(total, estimateField(field, place));
      }
      total.calls += completing;
      return total;
    }

    /** The field's key and value, and all below. */
    function estimateField(selected: Selected, place: Place): Amount {
      const { key, parent, field, node, below } = selected;
      const cost = costOf(parent, field);
      const weight = cost.values;
      const own = { nodes: 0, calls: 0, values: weight, responseBytes: key.length + punctuation };
      const isList = isListType(getNullableType(field.type));
      const args = values.argumentsOf(node);
      const given = longestArgument(field.name, args);
      const excessText =
        parent === schema.getMutationType() ? values.excessText(args, bytesOf.text) : (place.excessText ?? 0);
      if (below.length === 0) {
        const items = isList ? (cost.assumedSize ?? 1) : 1;
        const bytes = items * cost.bytes + (cost.isText ? excessText : 0);
        return { ...own, values: weight * items, responseBytes: own.responseBytes + bytes };
      }
      if (field.name === "_entities") return estimateEntities(selected, own, args);

      const callsOfArguments = cost.callsOf(args);
      const isFetchedAlone = cost.calls > 0 || callsOfArguments > 0;
      if (cost.slicingArguments) {
        const length = sliceOf(field, args, cost.slicingArguments);
        // A filter's calls and one of the field's are those of the walk, however many rows are asked for.
        const pages = callsOfArguments > 0 ? 1 : pagesOf(length, cost.pageSize, args);
        own.calls = callsOfArguments + cost.calls * pages;
        own.nodes = length;
        return add(own, estimateAll(below, { length, isCounted: true, excessText }));
      }
      if (isList) {
        const isWithinTypes = place.isWithinTypes || field.name === "types";
        const length =
          given ?? place.length ?? cost.assumedSize ?? introspectedLength(field.name, isWithinTypes);
        own.calls = callsOfArguments + cost.calls * length;
        own.nodes = place.isCounted ? 0 : length;
        own.values = 1 + weight * length;
        const excess = excessText / Math.max(1, length);
        const each = estimateAll(below, { isFetchedAlone, isWithinTypes, excessText: excess });
        const isAssumed = (given ?? place.length) === undefined;
        const assumedLength = isAssumed ? cost.assumedSize : undefined;
        lists.set(node, { each, assumedLength, texts: countTexts(below) });
        return add(own, each, length);
      }
      own.calls = callsOfArguments + (cost.isReference && place.isFetchedAlone ? 1 : cost.calls);
      // Half of the types in a schema wrap another one: NON_NULL and LIST.
      const share = field.name === "ofType" && isIntrospectionType(parent) ? 0.5 : 1;
      return add(own, estimateAll(below, { length: given, isFetchedAlone, excessText }), share);
    }

    /** A router's representations, each by its type and key. */
    function estimateEntities(
      { below, node }: Selected,
      own: Amount,
      { representations }: Arguments,
    ): Amount {
      const { kinds, calls } = entities(representations);
      own.calls = calls;
      for (const { type, isByEmail, count } of kinds) {
        const ofType = below.filter(({ parent }) => parent === type || !isObjectType(parent));
        const each = estimateAll(ofType, { isFetchedAlone: !isByEmail });
        each.values += valuesOfFetched;
        each.nodes += 1;
        if (each.values > (lists.get(node)?.each.values ?? 0))
          lists.set(node, { each, texts: countTexts(ofType) });
        add(own, each, count);
      }
      return own;
    }

    /** The texts of an object, and of the objects below it that are no lists. */
    function countTexts(fields: readonly Selected[]): number {
      return fields.reduce((count, { parent, field, below }) => {
        if (below.length === 0) return count + Number(costOf(parent, field).isText);
        return isListType(getNullableType(field.type)) ? count : count + countTexts(below);
      }, 0);
    }

    /** The number of items in the longest list in a field's arguments. */
    function longestArgument(name: string, args: Arguments): number | undefined {
      const length = values.longestList(args);
      const limit = name === "_entities" ? "entities" : "listItems";
      if (length !== undefined && length > limits[limit])
        throw overLimit(limits, limit, length, [name, ...pathOfLongest(args, values)]);
      return length;
    }
  }
}

/**
 * Equal for variables with equal estimates: texts count by their presence. Undefined for lists, objects and long texts.
 * A client chooses the names of variables that the operation does not declare: they must not be part of it.
 */
function keyOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Arguments,
): string | undefined {
  let key = "";
  for (const { variable } of variableDefinitions) {
    const name = variable.name.value;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const isShortText = typeof value === "string" && value.length <= bytesOf.text;
    if (!isShortText && (typeof value === "string" || (typeof value === "object" && value !== null)))
      return undefined;
    key += `${isShortText ? "text" : value};`;
  }
  return key;
}

/** The rows of a connection's page. A field rejects more than the maximum itself. */
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
function pagesOf(length: number, pageSize: number, { after }: Arguments): number {
  const rows = length + (after === undefined || after === null ? 0 : pageSize);
  return Math.max(1, Math.ceil(rows / pageSize));
}

function add(total: Amount, more: Amount, times = 1): Amount {
  total.nodes += more.nodes * times;
  total.calls += more.calls * times;
  total.values += more.values * times;
  total.responseBytes += more.responseBytes * times;
  return total;
}
