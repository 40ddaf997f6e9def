import { AwsRestJsonProtocol } from "@aws-sdk/core/protocols";
import { collectBody } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { MetadataBearer } from "@smithy/types";
import { UnfitAnswerError } from "../callErrors.js";

type Deserialize = AwsRestJsonProtocol["deserializeResponse"];
type OperationSchema = Parameters<Deserialize>[0];

/** Takes a value of an answer as its schema says, or raises an UnfitAnswerError. */
type Read = (value: unknown, path: string) => unknown;

/**
 * Chime's wire protocol as the SDK has it, but for the answers of success. Those are read by JSON.parse and one walk along
 * the operation's schema, which takes a third of the SDK's time. The walk also refuses what has the wrong type: the
 * SDK would pass `{"Users": "oops"}` on as a list of users.
 *
 * None of Chime's answers binds a member to a header or to the status: `test/sdk.test.ts` says so when it changes.
 */
export class ChimeProtocol extends AwsRestJsonProtocol {
  readonly #readers = new Map<string, Read>();

  override async deserializeResponse<Output extends MetadataBearer>(
    ...[operation, context, response]: Parameters<Deserialize>
  ): Promise<Output> {
    // Errors keep the SDK's way: from their type, by its registry, to their class.
    if (response.statusCode >= 300) return super.deserializeResponse<Output>(operation, context, response);
    const bytes = await collectBody(response.body, context);
    const output = this.#readerOf(operation)(parse(bytes), operation.name) as Output;
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

function parse(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    // The parser's own error quotes the answer.
    throw new SyntaxError("The answer is not JSON.");
  }
}

/** Reads JSON as a schema says. It raises an UnfitAnswerError for what has another type, and changes what it reads. */
export function readerOf(schema: NormalizedSchema): Read {
  if (schema.isStructSchema()) return structureReader(schema);
  if (schema.isListSchema()) return listReader(readerOf(schema.getValueSchema()));
  if (schema.isTimestampSchema()) return readDate;
  if (schema.isStringSchema()) return primitiveReader("a string", (value) => typeof value === "string");
  if (schema.isBooleanSchema()) return primitiveReader("a boolean", (value) => typeof value === "boolean");
  if (schema.isNumericSchema()) return primitiveReader("a number", (value) => typeof value === "number");
  throw new Error(`No answer of Chime's had a member like ${schema.getName(true)}.`);
}

/**
 * Absent and null are the same; members that the schema does not know are dropped. What JSON.parse has made is read in
 * its place: a copy of each row would be half the work.
 */
function structureReader(schema: NormalizedSchema): Read {
  const members = new Map(Array.from(schema.structIterator(), ([name, member]) => [name, readerOf(member)]));
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw unfit(path, "a structure");
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
    if (!Array.isArray(value)) throw unfit(path, "a list");
    for (let index = 0; index < value.length; index++) value[index] = read(value[index], path);
    return value;
  };
}

function primitiveReader(expected: string, fits: (value: unknown) => boolean): Read {
  return (value, path) => {
    if (!fits(value)) throw unfit(path, expected);
    return value;
  };
}

/** ISO 8601, as all timestamps of these operations are. */
const readDate: Read = (value, path) => {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw unfit(path, "a timestamp");
  return date;
};

/** The value stays out of the message: it may be personal. */
const unfit = (path: string, expected: string) => new UnfitAnswerError(`${path} is not ${expected}.`);
