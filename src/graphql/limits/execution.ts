import { setImmediate } from "node:timers/promises";
import {
  defaultFieldResolver,
  type FieldNode,
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
import type { ChimeSession } from "../../chime/session.js";
import { bytesOf } from "./costs.js";
import type { Estimate } from "./estimate.js";
import { type LimitError, type Limits, overLimit } from "./limits.js";

/** Errors in a response. Nobody reads more, and each takes some 50 µs to make and to format. */
export const maxErrors = 100;

/** Operations with more values let other requests run in between. This many take some 20 ms. */
const maxValuesWithoutPause = 20_000;
/** Values that are completed together: some 2 ms. */
const valuesPerBatch = 2_000;
/** Milliseconds of work between two pauses. */
const workMs = 10;
/** The longest texts of Chime have this many times the assumed length. */
const maxTextFactor = 128;

/** The characters by which an item's longest text exceeds the assumed length. */
function excessTextOf(item: unknown): number {
  if (typeof item !== "object" || item === null) return 0;
  const row = ("node" in item ? item.node : item) as Readonly<Record<string, unknown>>;
  let longest = bytesOf.text;
  for (const name in row) {
    const value = row[name];
    if (typeof value === "string" && value.length > longest) longest = value.length;
  }
  return longest - bytesOf.text;
}

/** The budget that remains for a request while it is executed. */
export class Bounds {
  readonly #limits: Limits;
  #estimate: Estimate | undefined;
  #lastBatch = Promise.resolve();
  #lastPause = performance.now();
  #excess: LimitError | undefined;
  #errors = 0;
  /** Whether the operation is large: its lists are completed in batches. */
  isLarge = false;
  /** The number of errors that are not reported. */
  omittedErrors = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Starts an operation with its estimate. */
  begin(estimate: Estimate): void {
    this.#estimate = { ...estimate };
    this.isLarge = estimate.values > maxValuesWithoutPause;
  }

  /** Resolves when the next batch may be completed: in order, with a pause after each 10 ms of work. */
  nextBatch(): Promise<void> {
    this.#lastBatch = this.#lastBatch.then(async () => {
      if (performance.now() - this.#lastPause <= workMs) return;
      await setImmediate();
      this.#lastPause = performance.now();
    });
    return this.#lastBatch;
  }

  /**
   * Counts a list that is longer than the schema assumes, or whose texts are.
   *
   * @throws LimitError if the response gets too large
   */
  checkList(field: FieldNode | undefined, items: readonly unknown[]): void {
    const estimate = this.#estimate;
    const list = field && estimate?.lists.get(field);
    if (!estimate || !list) return;
    const { each, texts, assumedLength = items.length } = list;
    const more = Math.max(0, items.length - assumedLength);
    estimate.values += more * each.values;
    estimate.responseBytes += more * each.responseBytes;
    // In a smaller response, texts of 10,000 characters do no harm.
    if (texts > 0 && estimate.responseBytes * maxTextFactor > this.#limits.responseBytes)
      for (const item of items) estimate.responseBytes += texts * excessTextOf(item);
    for (const name of ["values", "responseBytes"] as const)
      if (estimate[name] > this.#limits[name]) this.#excess ??= overLimit(this.#limits, name);
    if (this.#excess) throw this.#excess;
    this.isLarge = estimate.values > maxValuesWithoutPause;
  }

  /** The number of a list's items that are completed together. */
  batchSize(field: FieldNode | undefined): number {
    const values = (field && this.#estimate?.lists.get(field)?.each.values) ?? 1;
    return Math.max(1, Math.floor(valuesPerBatch / Math.max(1, values)));
  }

  /** Counts an error. @returns whether to report it; if not, the field is null without an error */
  addError(): boolean {
    if (this.#errors === maxErrors) this.omittedErrors++;
    else this.#errors++;
    return this.omittedErrors === 0;
  }

  /** Counts errors that were made and are not reported. */
  omitErrors(count: number): void {
    this.omittedErrors += count;
  }

  /** Restarts the count of errors for an operation that is executed again. */
  resetErrors(): void {
    this.#errors = 0;
    this.omittedErrors = 0;
  }
}

/**
 * Ends the reads of a request that takes more calls than estimated, as it may where Chime's pages are short or empty.
 * Writes are not limited.
 */
export function limitCalls(session: ChimeSession, limits: Limits): ChimeSession {
  const { read } = session;
  let reads = 0;
  // The session belongs to this request: a copy of it would be slower.
  return Object.assign(session, {
    async read(...call: Parameters<typeof read>) {
      reads++;
      if (reads > limits.calls) throw overLimit(limits, "calls");
      return read(...call);
    },
  });
}

type Resolve = GraphQLFieldResolver<unknown, { readonly bounds: Bounds }>;

/**
 * Wraps the schema's resolvers, so that large operations do not hold up other requests, and that fields which fail after
 * the response has its maximum of errors are null without an error.
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
    return value instanceof Promise && context.bounds.isLarge ? nullIfOmitted(value, context.bounds) : value;
  };

/** graphql itself makes an error for each unknown value. */
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
    const complete = (list: unknown) => {
      if (!Array.isArray(list)) return list;
      bounds.checkList(field, list);
      return bounds.isLarge ? inBatches(list, bounds, bounds.batchSize(field), areItemsNullable) : list;
    };
    if (!(value instanceof Promise)) return complete(value);
    const completed = value.then(complete);
    return isNullable && bounds.isLarge ? nullIfOmitted(completed, bounds) : completed;
  };

/** graphql completes all items of a list together: these become available in batches. */
function inBatches(items: readonly unknown[], bounds: Bounds, size: number, areNullable: boolean): unknown {
  const hasPromises = items.some((item) => item instanceof Promise);
  if (!hasPromises && items.length <= size) return bounds.nextBatch().then(() => items);
  let batch = Promise.resolve();
  return items.map((item, index) => {
    if (item instanceof Promise) {
      const value = item.then((row: unknown) => bounds.nextBatch().then(() => row));
      return areNullable ? nullIfOmitted(value, bounds) : value;
    }
    if (index % size === 0) batch = bounds.nextBatch();
    return batch.then(() => item);
  });
}

const nullIfOmitted = (value: Promise<unknown>, bounds: Bounds): Promise<unknown> =>
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
