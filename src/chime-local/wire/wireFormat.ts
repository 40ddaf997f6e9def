/** Amazon Chime's wire protocol (REST-JSON): reads requests, and writes outputs and errors by the SDK's schemas. */
import * as sdk from "@aws-sdk/client-chime";
import { JsonCodec2 } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Operation } from "../../chime-api/operations.js";
import { badRequest, type ChimeError } from "../errors.js";

type ErrorSchema = typeof sdk.NotFoundException$;

/** The parts of an HTTP request that contain an operation's input. */
export interface WireRequest {
  /** Labels of the path by member. */
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Member values by name, before validation. */
export type Members = Readonly<Record<string, unknown>>;

// Created from its class, not taken from a client: a client reads AWS's environment variables, and fails if they are
// invalid. 7 is epoch seconds, the default of timestamps without a format; Chime's have one: ISO 8601.
const bodyWriter = new JsonCodec2({
  jsonName: true,
  timestampFormat: { useTrait: true, default: 7 },
}).createSerializer();

/** The first member of a static schema is its kind: see StaticErrorSchema in @smithy/types. */
const errorKind = -3;

const errorStatuses = new Map(
  (Object.values(sdk) as unknown[])
    .filter((value): value is ErrorSchema => Array.isArray(value) && value[0] === errorKind)
    .map((schema) => [schema[2], { schema, status: httpErrorOf(schema) }]),
);

function httpErrorOf(schema: ErrorSchema): number {
  const status = NormalizedSchema.of(schema).getMergedTraits()["httpError"];
  return typeof status === "number" ? status : 500;
}

/** All members of a request, from path, query and body; a member in the path or query replaces one in the body. */
export function readMembers(operation: Operation, { labels, query, body }: WireRequest): Members {
  const parameters = Array.from(operation.queryParameters, ([member, parameter]) => {
    const values = query.getAll(parameter);
    if (values.length > 1) throw badRequest(`The query parameter ${parameter} must not be repeated.`);
    const [text] = values;
    const isInteger = operation.input.members.get(member)?.shape.kind === "integer";
    // Other text stays text, which the validation rejects: Number("") is 0.
    return [member, isInteger && text && /^-?\d+$/.test(text) ? Number(text) : text] as const;
  }).filter(([, value]) => value !== undefined);
  return { ...parseBody(body), ...labels, ...Object.fromEntries(parameters) };
}

function parseBody(body: string): Members {
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

/** The body of a success. */
export function encodeOutput({ outputSchema }: Operation, output: object): Uint8Array {
  bodyWriter.write(outputSchema, output);
  return bodyWriter.flush();
}

/** Status and body (`Code` and `Message`) of a modelled error; its class name goes into `x-amzn-errortype`. */
export function encodeError(error: ChimeError): { status: number; body: Uint8Array } {
  const modelled = errorStatuses.get(error.name);
  if (!modelled) throw new Error(`Chime has no error named ${error.name}.`);
  bodyWriter.write(modelled.schema, error);
  return { status: modelled.status, body: bodyWriter.flush() };
}
