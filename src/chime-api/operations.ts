/**
 * The operations of the Chime API, from the runtime schemas that `@aws-sdk/client-chime` exports.
 *
 * Neither these schemas nor `@smithy/core` are a stable API: the SDK's version is pinned exactly, and
 * `test/chime/client/sdk.test.ts` reports what has changed.
 */
import * as sdk from "@aws-sdk/client-chime";
import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticStructureSchema } from "@smithy/types";
import type { OperationName } from "./types.js";

type OperationSchema = typeof sdk.GetUser$;

/** The type of a value, as its schema states it. */
export type Shape =
  | { readonly kind: "string" | "integer" | "boolean" | "timestamp" }
  | { readonly kind: "list"; readonly item: Shape }
  | Structure;

export interface Structure {
  readonly kind: "structure";
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
}

export interface Member {
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Whether Chime marks the value, or the items of the list, as sensitive. PersonalPIN is not marked. */
  readonly isSensitive: boolean;
}

/** One of Chime's 62 operations. */
export interface Operation {
  readonly name: OperationName;
  readonly method: string;
  /** The path's segments; a label such as `{AccountId}` keeps its braces. */
  readonly segments: readonly string[];
  /** Query parameters that are part of the route: `operation=create`. */
  readonly literals: ReadonlyMap<string, string>;
  /** HTTP status of a success. */
  readonly status: number;
  /** Whether the operation changes anything: all but those with the method GET do. */
  readonly isWrite: boolean;
  readonly input: Structure;
  /** Named `Unit` and without members if there is no output structure; so is an input. */
  readonly output: Structure;
  /** Parameters of the query string by member: `max-results` for MaxResults. */
  readonly queryParameters: ReadonlyMap<string, string>;
  /** The member of the input that makes a repeated request harmless. */
  readonly idempotencyToken: string | undefined;
  /** The SDK's own schema of the output, for its codecs. */
  readonly outputSchema: NormalizedSchema;
}

/** The first member of a static schema is its kind: see StaticOperationSchema in @smithy/types. */
const operationKind = 9;

/** All operations by name, in the SDK's order. */
export const operations = Object.fromEntries(
  (Object.values(sdk) as unknown[])
    .filter((value): value is OperationSchema => Array.isArray(value) && value[0] === operationKind)
    .map((schema) => [schema[2], readOperation(schema)]),
) as Readonly<Record<OperationName, Operation>>;

function readOperation([, , name, traits, inputRef, outputRef]: OperationSchema): Operation {
  const http = typeof traits === "object" ? traits.http : undefined;
  if (!http) throw new Error(`The SDK's schema of ${name} has no HTTP trait.`);
  const [method, uri, status] = http;
  const [path = "", query = ""] = uri.split("?");
  const input = NormalizedSchema.of(inputRef);
  const outputSchema = NormalizedSchema.of(outputRef);
  const inputMembers = membersOf(input);
  return {
    name: name as OperationName,
    method,
    segments: path.split("/").slice(1),
    literals: new Map(new URLSearchParams(query)),
    status,
    isWrite: method !== "GET",
    input: structureOf(input),
    output: structureOf(outputSchema),
    queryParameters: new Map(
      inputMembers.flatMap(([member, schema]) => {
        const { httpQuery } = schema.getMergedTraits();
        return httpQuery ? [[member, httpQuery]] : [];
      }),
    ),
    idempotencyToken: inputMembers.find(([, schema]) => schema.isIdempotencyToken())?.[0],
    outputSchema,
  };
}

function structureOf(schema: NormalizedSchema): Structure {
  // Required members come first; the seventh element of a structure's schema is their number.
  const name = (schema.isStructSchema() && schema.getName()) || "Unit";
  const required = schema.isStructSchema() ? Number((schema.getSchema() as unknown[])[6] ?? 0) : 0;
  const members = membersOf(schema).map(([key, member], index): [string, Member] => {
    const isSensitive = [member, member.isListSchema() ? member.getValueSchema() : member].some((each) =>
      Boolean(each.getMergedTraits().sensitive),
    );
    return [key, { shape: shapeOf(member), isRequired: index < required, isSensitive }];
  });
  return { kind: "structure", name, members: new Map(members) };
}

/** The members of one of the SDK's structures. */
export const memberNames = (schema: StaticStructureSchema): readonly string[] =>
  membersOf(NormalizedSchema.of(schema)).map(([name]) => name);

function membersOf(schema: NormalizedSchema): [string, NormalizedSchema][] {
  return schema.isStructSchema() ? [...schema.structIterator()] : [];
}

function shapeOf(schema: NormalizedSchema): Shape {
  if (schema.isStructSchema()) return structureOf(schema);
  if (schema.isListSchema()) return { kind: "list", item: shapeOf(schema.getValueSchema()) };
  if (schema.isStringSchema()) return { kind: "string" };
  if (schema.isNumericSchema()) return { kind: "integer" };
  if (schema.isBooleanSchema()) return { kind: "boolean" };
  if (schema.isTimestampSchema()) return { kind: "timestamp" };
  throw new Error(`The SDK's schema of ${schema.getName(true)} has an unknown type.`);
}
