import { AwsRestJsonProtocol } from "@aws-sdk/core/protocols";
import { collectBody } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { MetadataBearer } from "@smithy/types";
import { MalformedResponseError } from "../callErrors.js";

type Deserialize = AwsRestJsonProtocol["deserializeResponse"];
type OperationSchema = Parameters<Deserialize>[0];

/** Reads a value by its schema. @throws MalformedResponseError */
type Read = (value: unknown, path: string) => unknown;

/**
 * The SDK's protocol, except for successful responses: those are read by JSON.parse and one walk along the operation's
 * schema, in a third of the SDK's time. The walk also rejects wrong types: the SDK would return `{"Users": "oops"}` as a
 * list of users.
 *
 * No response of Chime binds a member to a header or to the status: test/chime/client/sdk.test.ts fails if that changes.
 */
export class ChimeProtocol extends AwsRestJsonProtocol {
  readonly #readers = new Map<string, Read>();

  override async deserializeResponse<Output extends MetadataBearer>(
    ...[operation, context, response]: Parameters<Deserialize>
  ): Promise<Output> {
    // The SDK maps error types to classes.
    if (response.statusCode >= 300) return super.deserializeResponse<Output>(operation, context, response);
    const bytes = await collectBody(response.body, context);
    const isEmpty = bytes.byteLength === 0;
    if (isEmpty && response.statusCode !== 204 && hasMembers(operation.output))
      throw malformed(operation.name, "a structure: the body is empty");
    const output = this.#readerOf(operation)(isEmpty ? {} : parse(bytes), operation.name) as Output;
    output.$metadata = this.deserializeMetadata(response);
    return output;
  }

  #readerOf(operation: OperationSchema): Read {
    let reader = this.#readers.get(operation.name);
    if (!reader) {
      reader = readerOf(NormalizedSchema.of(operation.output));
      this.#readers.set(operation.name, reader);
    }
    return reader;
  }
}

function hasMembers(output: OperationSchema["output"]): boolean {
  const schema = NormalizedSchema.of(output);
  return schema.isStructSchema() && !schema.structIterator().next().done;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    // The parser's own error quotes the response.
    throw new SyntaxError("The response is not JSON.");
  }
}

/** Reads JSON by a schema, in place. @throws MalformedResponseError if a type differs */
export function readerOf(schema: NormalizedSchema): Read {
  // Unit: an operation without an output structure.
  if (schema.isStructSchema() || schema.isUnitSchema()) return structureReader(schema);
  if (schema.isListSchema()) return listReader(readerOf(schema.getValueSchema()));
  if (schema.isTimestampSchema()) return readDate;
  if (schema.isStringSchema()) return primitiveReader("a string", (value) => typeof value === "string");
  if (schema.isBooleanSchema()) return primitiveReader("a boolean", (value) => typeof value === "boolean");
  if (schema.isNumericSchema()) return primitiveReader("a number", (value) => typeof value === "number");
  throw new Error(`Unsupported schema: ${schema.getName(true)}.`);
}

/**
 * Null counts as absent; members that the schema lacks are dropped. The parsed object is read in place: copying each row
 * would be half of the work.
 */
function structureReader(schema: NormalizedSchema): Read {
  const members = new Map(
    Array.from(schema.isStructSchema() ? schema.structIterator() : [], ([name, member]) => [
      name,
      readerOf(member),
    ]),
  );
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw malformed(path, "a structure");
    const structure = value as Record<string, unknown>;
    for (const name of Object.keys(structure)) {
      const member = structure[name];
      const read = members.get(name);
      if (!read || member === null) {
        delete structure[name];
        continue;
      }
      const found = read(member, name);
      if (found !== member) structure[name] = found;
    }
    return structure;
  };
}

function listReader(read: Read): Read {
  return (value, path) => {
    if (!Array.isArray(value)) throw malformed(path, "a list");
    for (let index = 0; index < value.length; index++) value[index] = read(value[index], path);
    return value;
  };
}

function primitiveReader(expected: string, fits: (value: unknown) => boolean): Read {
  return (value, path) => {
    if (!fits(value)) throw malformed(path, expected);
    return value;
  };
}

/** All timestamps of these operations are ISO 8601. */
const readDate: Read = (value, path) => {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw malformed(path, "a timestamp");
  return date;
};

/** Without the value, which may be personal. */
const malformed = (path: string, expected: string) =>
  new MalformedResponseError(`${path} is not ${expected}.`);
