import { readFileSync } from "node:fs";
import type { ApolloServerPlugin } from "@apollo/server";
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { z } from "zod";
import { documentExcess } from "./limits/documentLimits.js";
import type { Limits } from "./limits/limits.js";
import { documentLimit } from "./requestErrors.js";
import { reject, replaceQuery, withoutPrefix } from "./requestParameters.js";

export interface PersistedOperationsSettings {
  /** A manifest of `@apollo/generate-persisted-query-manifest`, relay-compiler or the client preset. */
  readonly file: string;
  /** Whether all other operations are rejected. */
  readonly only: boolean;
}

const apolloManifest = z
  .object({
    format: z.literal("apollo-persisted-query-manifest"),
    version: z.literal(1),
    operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
  })
  .transform(({ operations }) => operations);

/** Texts by their ids, as relay-compiler and the client preset of GraphQL Code Generator write them. */
const textsById = z
  .record(z.string().min(1), z.string().min(1))
  .transform((texts) => Object.entries(texts).map(([id, body]) => ({ id, body })));

/**
 * Serves the operations of a manifest by their ids, which clients send as `documentId` or in place of an automatic
 * persisted query's hash.
 * With `only`, everything else is rejected before it is parsed, introspection and a router's `_entities` included.
 *
 * @param onNames gets the names of the operations
 * @throws an Error with a line for each problem if the manifest cannot be read or has unusable operations
 */
export function createPersistedOperationsPlugin(
  settings: PersistedOperationsSettings,
  schema: GraphQLSchema,
  limits: Limits,
  onNames: (names: Iterable<string>) => void,
): ApolloServerPlugin {
  const bodies = readOperations(settings, schema, limits);
  onNames([...bodies.values()].flatMap(operationNames));
  const known: ReadonlySet<string | undefined> = new Set(bodies.values());

  return {
    async requestDidStart({ request }) {
      const id: unknown = request.extensions?.["persistedQuery"]?.sha256Hash;
      const body =
        request.query === undefined && typeof id === "string" ? bodies.get(withoutPrefix(id)) : undefined;
      if (body !== undefined) return replaceQuery(request, body);
      const isOperation = request.query !== undefined || id !== undefined;
      if (!settings.only || !isOperation || known.has(request.query)) return;
      return reject(request, "PERSISTED_OPERATION_REQUIRED", "Only persisted operations are allowed.");
    },
  };
}

/** @throws an Error of one line if the file is missing or is not a manifest */
function readManifest(file: string): z.output<typeof apolloManifest> {
  const json = readJson(file);
  const isApollo = typeof json === "object" && json !== null && "format" in json;
  const { data, error } = (isApollo ? apolloManifest : textsById).safeParse(json);
  if (data) return data;
  const [{ path, message } = { path: [], message: "" }] = error.issues;
  const where = path.length > 0 ? `${path.join(".")}: ` : "";
  throw new Error(
    `PERSISTED_OPERATIONS ${file} is not a manifest of persisted operations (${where}${message})`,
  );
}

/** The problems of a manifest and its operations, a line each. */
export function findManifestProblems(
  settings: PersistedOperationsSettings,
  schema: GraphQLSchema,
  limits: Limits,
): readonly string[] {
  try {
    readOperations(settings, schema, limits);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
}

/**
 * @returns the texts of operations by their ids
 * @throws an Error with a line for each problem
 */
function readOperations(
  { file, only }: PersistedOperationsSettings,
  schema: GraphQLSchema,
  limits: Limits,
): ReadonlyMap<string, string> {
  const bodies = new Map<string, string>();
  const problems: string[] = [];
  for (const { id: fullId, body } of readManifest(file)) {
    const id = withoutPrefix(fullId);
    const issue =
      (bodies.get(id) ?? body) === body ? issueOf(body, schema, limits) : "two operations have this id";
    if (issue)
      problems.push(
        // graphql's messages have several lines for some syntax errors.
        `PERSISTED_OPERATIONS ${file} has an invalid operation ${JSON.stringify(id)}: ${issue.replaceAll("\n", " ")}`,
      );
    else bodies.set(id, body);
  }
  if (only && bodies.size === 0 && problems.length === 0)
    problems.push(
      `PERSISTED_OPERATIONS ${file} has no operations, and PERSISTED_OPERATIONS_MODE=only allows no others`,
    );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return bodies;
}

const operationsOf = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

const operationNames = (body: string): string[] =>
  operationsOf(parse(body)).flatMap(({ name }) => name?.value ?? []);

/** The problem of an operation, if it has one. */
function issueOf(body: string, schema: GraphQLSchema, limits: Limits): string | undefined {
  try {
    const document = parse(body, { maxTokens: limits.tokens });
    // graphql validates nothing in an operation whose type the schema lacks.
    const unknown = operationsOf(document).find(({ operation }) => !schema.getRootType(operation));
    if (unknown) return `The schema has no ${unknown.operation}s.`;
    return (documentExcess(document, limits) ?? validate(schema, document)[0])?.message;
  } catch (error) {
    return (documentLimit(error, limits) ?? (error as Error)).message;
  }
}

function readJson(file: string): unknown {
  try {
    // Some editors begin a file with a byte order mark.
    return JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new Error(`PERSISTED_OPERATIONS ${file} ${code ? `cannot be read${code}` : "is not JSON"}`);
  }
}
