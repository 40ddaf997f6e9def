import {
  defaultFieldResolver,
  type GraphQLEnumType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { RequestContext } from "../context.js";
import type { Bounds } from "./bounds.js";

type Resolve = GraphQLFieldResolver<unknown, RequestContext>;

/**
 * Keeps large operations from holding up other requests, and errors from being made by the thousand: beyond the most that
 * a response has, what fails is null without an error.
 */
export function boundExecution(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const nullable = getNullableType(field.type);
      const isNullable = !isNonNullType(field.type);
      const resolve: Resolve = field.resolve ?? defaultFieldResolver;
      if (isListType(nullable) && isCompositeType(getNamedType(nullable)))
        field.resolve = boundList(resolve, isNullable, !isNonNullType(nullable.ofType));
      else if (isEnumType(nullable) && isNullable) field.resolve = boundEnum(resolve, nullable);
      else if (field.resolve && isNullable) field.resolve = boundValue(resolve);
    }
  }
}

const boundValue =
  (resolve: Resolve): Resolve =>
  (source, args, context, info) => {
    const value = resolve(source, args, context, info);
    return value instanceof Promise && context.bounds.isLarge ? nullBeyondMost(value, context.bounds) : value;
  };

/** graphql itself fails with each value that the schema does not know. */
const boundEnum =
  (resolve: Resolve, type: GraphQLEnumType): Resolve =>
  (source, args, context, info) => {
    const value = resolve(source, args, context, info);
    return isValueOf(type, value) || context.bounds.addError() ? value : null;
  };

const boundList =
  (resolve: Resolve, isNullable: boolean, areItemsNullable: boolean): Resolve =>
  (source, args, context, info) => {
    const { bounds } = context;
    const [field] = info.fieldNodes;
    const value = resolve(source, args, context, info);
    const complete = (list: unknown) =>
      Array.isArray(list) ? inTurns(list, bounds, bounds.itemsInTurn(field), areItemsNullable) : list;
    if (Array.isArray(value)) {
      bounds.checkLength(field, value.length);
      return bounds.isLarge ? complete(value) : value;
    }
    if (!(value instanceof Promise && bounds.isLarge)) return value;
    return isNullable ? nullBeyondMost(value.then(complete), bounds) : value.then(complete);
  };

/** graphql completes all items of a list at once: these come one after another, or all of a short list in one turn. */
function inTurns(items: readonly unknown[], bounds: Bounds, perTurn: number, areNullable: boolean): unknown {
  const hasPromises = items.some((item) => item instanceof Promise);
  if (!hasPromises && items.length <= perTurn) return bounds.turn().then(() => items);
  let turn = Promise.resolve();
  return items.map((item, index) => {
    if (item instanceof Promise) {
      const value = item.then((row: unknown) => bounds.turn().then(() => row));
      return areNullable ? nullBeyondMost(value, bounds) : value;
    }
    if (index % perTurn === 0) turn = bounds.turn();
    return turn.then(() => item);
  });
}

const nullBeyondMost = (value: Promise<unknown>, bounds: Bounds): Promise<unknown> =>
  value.catch((error: unknown) => {
    if (bounds.addError()) throw error;
    return null;
  });

function isValueOf(type: GraphQLEnumType, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  try {
    type.serialize(value);
    return true;
  } catch {
    return false;
  }
}
