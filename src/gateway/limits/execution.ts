import {
  defaultFieldResolver,
  type GraphQLEnumType,
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

/** Rows that are completed in one turn. */
const rowsInTurn = 10;

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
      const isObjectList = isListType(nullable) && isCompositeType(getNamedType(nullable));
      if (!isObjectList && !(isNullable && field.resolve)) continue;
      const hasNullableItems = isListType(nullable) && !isNonNullType(nullable.ofType);
      const resolve = field.resolve ?? defaultFieldResolver;

      field.resolve = (source, args, context: RequestContext, info) => {
        const { bounds } = context;
        const value: unknown = resolve(source, args, context, info);
        if (isEnumType(nullable))
          return !isNullable || isValueOf(nullable, value) || bounds.addError() ? value : null;
        if (isObjectList && Array.isArray(value)) {
          bounds.checkLength(info.fieldNodes[0], value.length);
          return bounds.isLarge ? inTurns(value, bounds, hasNullableItems) : value;
        }
        if (!bounds.isLarge || !(value instanceof Promise)) return value;
        const list = isObjectList
          ? value.then((items) => (Array.isArray(items) ? inTurns(items, bounds, hasNullableItems) : items))
          : value;
        return isNullable ? nullBeyondMost(list, bounds) : list;
      };
    }
  }
}

/** graphql completes all rows of a list at once: these are promises that are kept one after another. */
function inTurns(items: readonly unknown[], bounds: Bounds, areNullable: boolean): unknown[] {
  let turn = Promise.resolve();
  return items.map((item, index) => {
    if (item instanceof Promise) {
      const value = item.then((row: unknown) => bounds.turn().then(() => row));
      return areNullable ? nullBeyondMost(value, bounds) : value;
    }
    if (index % rowsInTurn === 0) turn = bounds.turn();
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
