import { readFileSync } from "node:fs";
import type { ApolloServerPlugin, GraphQLRequest } from "@apollo/server";
import { GraphQLError, type GraphQLSchema, Kind, parse, validate } from "graphql";
import { z } from "zod";
import { documentExcess } from "./limits/documentLimits.js";
import { asDocumentLimitError, type Limits } from "./limits/limits.js";

export interface PersistedOperationsSettings {
  /** A manifest as `@apollo/generate-persisted-query-manifest` writes it. */
  readonly file: string;
  /** Whether operations that are not in it are refused. */
  readonly only: boolean;
}

const manifest = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

/**
 * Answers the operations of a manifest by their ids, which clients send where automatic persisted queries have a hash.
 * With `only`, all else is refused before it is parsed: introspection and a router's `_entities` as well.
 *
 * @throws an Error of one line if the manifest can't be read, or holds an operation that the schema does not answer, or
 * that is over the limits whatever its variables
 * @param know told the names of the operations
 */
export function createPersistedOperationsPlugin(
  settings: PersistedOperationsSettings,
  schema: GraphQLSchema,
  limits: Limits,
  know: (names: Iterable<string>) => void,
): ApolloServerPlugin {
  const bodies = readOperations(settings, schema, limits);
  know([...bodies.values()].flatMap(operationNames));
  const known: ReadonlySet<string | undefined> = new Set(bodies.values());

  return {
    async requestDidStart({ request }) {
      const id: unknown = request.extensions?.["persistedQuery"]?.sha256Hash;
      const body = request.query === undefined ? bodies.get(id) : undefined;
      if (body !== undefined) return replaceQuery(request, body);
      const isOperation = request.query !== undefined || id !== undefined;
      if (!settings.only || !isOperation || known.has(request.query)) return;
      // Apollo takes what is thrown here for a fault of the server's. So an operation that costs nothing goes on in place
      // of this one, to where plugins may refuse.
      replaceQuery(request, "{ __typename }");
      return {
        async didResolveOperation() {
          throw new GraphQLError("Only persisted operations are answered, and this is none of them.", {
            extensions: { code: "PERSISTED_OPERATION_REQUIRED", http: { status: 400 } },
          });
        },
      };
    },
  };
}

/** Ids need not be hashes of the queries, so the extension must not be there for Apollo to compare. */
function replaceQuery(request: GraphQLRequest, query: string): void {
  const { persistedQuery: _, ...extensions } = request.extensions ?? {};
  request.query = query;
  request.extensions = extensions;
}

/** @throws an Error of one line if the file is missing or is not a manifest */
export function readManifest(file: string): z.output<typeof manifest> {
  const { data, error } = manifest.safeParse(readJson(file));
  if (data) return data;
  const [{ path, message } = { path: [], message: "" }] = error.issues;
  const where = path.length > 0 ? `${path.join(".")}: ` : "";
  throw new Error(
    `PERSISTED_OPERATIONS ${file} is not a manifest of persisted operations (${where}${message})`,
  );
}

/** @returns the texts of operations by their ids */
function readOperations(
  { file, only }: PersistedOperationsSettings,
  schema: GraphQLSchema,
  limits: Limits,
): ReadonlyMap<unknown, string> {
  const bodies = new Map<unknown, string>();
  for (const { id, body } of readManifest(file).operations) {
    const problem =
      (bodies.get(id) ?? body) === body
        ? problemOf(body, schema, limits)
        : "the id stands for two operations";
    if (problem)
      throw new Error(`PERSISTED_OPERATIONS ${file} has a bad operation ${JSON.stringify(id)}: ${problem}`);
    bodies.set(id, body);
  }
  if (only && bodies.size === 0)
    throw new Error(`PERSISTED_OPERATIONS ${file} has no operation, and no other is to be answered`);
  return bodies;
}

const operationNames = (body: string): string[] =>
  parse(body).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? (definition.name?.value ?? []) : [],
  );

/** What is wrong with an operation: better said at the start than to a client. */
function problemOf(body: string, schema: GraphQLSchema, limits: Limits): string | undefined {
  try {
    const document = parse(body, { maxTokens: limits.tokens });
    return (documentExcess(document, limits) ?? validate(schema, document)[0])?.message;
  } catch (error) {
    return error instanceof Error ? (asDocumentLimitError(error, limits) ?? error).message : String(error);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new Error(`PERSISTED_OPERATIONS ${file} ${code ? `can't be read${code}` : "is not JSON"}`);
  }
}
