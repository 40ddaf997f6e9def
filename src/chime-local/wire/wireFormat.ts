/**
 * Amazon Chime's wire protocol (REST-JSON), driven by the runtime schemas that `@aws-sdk/client-chime` exports.
 *
 * Neither these schemas nor `@smithy/core` are a stable API: no other file uses them, the SDK's version is pinned
 * exactly, and `test/chime/client/sdk.test.ts` reports what has changed.
 */
import * as sdk from "@aws-sdk/client-chime";
import { FromStringShapeDeserializer, JsonCodec2 } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import { badRequest, type ChimeError } from "../errors.js";

type OperationSchema = typeof sdk.GetUser$;
type ErrorSchema = typeof sdk.NotFoundException$;

/** The type of a value, as its schema states it. */
export type Shape =
  | { readonly kind: "string" | "integer" | "boolean" | "other" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "structure"; readonly name: string; readonly members: ReadonlyMap<string, Shape> };

/** A member of an input that comes from the path or the query string. */
interface Binding {
  readonly member: string;
  readonly source: "label" | "query";
  /** The name on the wire: a label's, or a query parameter's such as `max-results`. */
  readonly name: string;
  readonly schema: NormalizedSchema;
}

/** One of Chime's 62 operations. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  /** The path's segments; a label such as `{AccountId}` keeps its braces. */
  readonly segments: readonly string[];
  /** Query parameters that are part of the route: `operation=create`. */
  readonly literals: ReadonlyMap<string, string>;
  /** HTTP status of a success. */
  readonly status: number;
  readonly input: Shape;
  readonly bindings: readonly Binding[];
  readonly schemas: { readonly input: NormalizedSchema; readonly output: NormalizedSchema };
}

/** The parts of an HTTP request that contain an operation's input. */
export interface WireRequest {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Member values by name, before validation. */
export type Members = Readonly<Record<string, unknown>>;

/** The SDK's own. 7 is epoch seconds, the default of timestamps without a format; Chime's have one: ISO 8601. */
const settings = {
  httpBindings: true,
  jsonName: true,
  timestampFormat: { useTrait: true, default: 7 },
} as const;

// Created from their classes, not taken from a client: a client reads AWS's environment variables, and fails if they are
// invalid.
const codec = new JsonCodec2(settings);
const bodyReader = codec.createDeserializer();
const bodyWriter = codec.createSerializer();
const stringReader = new FromStringShapeDeserializer(settings);

const staticSchemas: unknown[] = Object.values(sdk);

/** The first member of a static schema is its kind: see StaticOperationSchema and StaticErrorSchema in @smithy/types. */
const operationKind = 9;
const errorKind = -3;

/** All operations of the SDK, in its order. */
export const operations: readonly Operation[] = staticSchemas
  .filter((value): value is OperationSchema => Array.isArray(value) && value[0] === operationKind)
  .map(readOperation);

const errorStatuses = new Map(
  staticSchemas
    .filter((value): value is ErrorSchema => Array.isArray(value) && value[0] === errorKind)
    .map((schema) => [schema[2], { schema, status: httpErrorOf(schema) }]),
);

function readOperation([, , name, traits, inputRef, outputRef]: OperationSchema): Operation {
  const http = typeof traits === "object" ? traits.http : undefined;
  if (!http) throw new Error(`The SDK's schema of ${name} has no HTTP trait.`);
  const [method, uri, status] = http;
  const [path = "", query = ""] = uri.split("?");
  const input = NormalizedSchema.of(inputRef);
  return {
    name,
    method,
    segments: path.split("/").slice(1),
    literals: new Map(new URLSearchParams(query)),
    status,
    input: shapeOf(input),
    bindings: bindingsOf(input),
    schemas: { input, output: NormalizedSchema.of(outputRef) },
  };
}

function shapeOf(schema: NormalizedSchema): Shape {
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].map(([name, member]) => [name, shapeOf(member)] as const);
    return { kind: "structure", name: schema.getName() ?? "", members: new Map(members) };
  }
  if (schema.isListSchema()) return { kind: "list", item: shapeOf(schema.getValueSchema()) };
  if (schema.isStringSchema()) return { kind: "string" };
  if (schema.isNumericSchema()) return { kind: "integer" };
  if (schema.isBooleanSchema()) return { kind: "boolean" };
  return { kind: "other" };
}

function bindingsOf(input: NormalizedSchema): Binding[] {
  if (!input.isStructSchema()) return [];
  return [...input.structIterator()].flatMap(([member, schema]): Binding[] => {
    const { httpLabel, httpQuery } = schema.getMergedTraits();
    if (httpLabel) return [{ member, source: "label", name: member, schema }];
    if (httpQuery) return [{ member, source: "query", name: httpQuery, schema }];
    return [];
  });
}

function httpErrorOf(schema: ErrorSchema): number {
  const status = NormalizedSchema.of(schema).getMergedTraits()["httpError"];
  return typeof status === "number" ? status : 500;
}

/**
 * The members from path and query. Text that is not a whole number stays text, which the validation refuses: the SDK
 * itself reads `` as 0, `0x10` as 16 and `abc` as NaN.
 */
export function readBoundMembers(operation: Operation, { labels, query }: WireRequest): Members {
  const members: Record<string, unknown> = {};
  for (const { member, source, name, schema } of operation.bindings) {
    const text = source === "label" ? labels[name] : readParameter(query, name);
    if (text === undefined) continue;
    const malformed = schema.isNumericSchema() && !/^-?\d+$/.test(text);
    members[member] = malformed ? text : stringReader.read(schema, text);
  }
  return members;
}

function readParameter(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw badRequest(`The query parameter ${name} must not be repeated.`);
  return values[0];
}

/** The members from the body, unchanged: the codec itself turns a list into an empty structure. */
export function parseBody(body: string): Members {
  if (body === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw badRequest("The request's body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("The request's body must be a JSON object.");
  return value as Members;
}

/** The typed input from a valid body, without members unknown to Chime. */
export async function decodeBody(operation: Operation, body: string): Promise<Members> {
  return body === "" ? {} : await bodyReader.read(operation.schemas.input.getSchema(), body);
}

/** The body of a success. */
export function encodeOutput(operation: Operation, output: object): Uint8Array {
  bodyWriter.write(operation.schemas.output.getSchema(), output);
  return bodyWriter.flush();
}

/** Status and body (`Code` and `Message`) of a modelled error; its class name goes into `x-amzn-errortype`. */
export function encodeError(error: ChimeError): { status: number; body: Uint8Array } {
  const modelled = errorStatuses.get(error.name);
  if (!modelled) throw new Error(`Chime has no error named ${error.name}.`);
  bodyWriter.write(modelled.schema, error);
  return { status: modelled.status, body: bodyWriter.flush() };
}
