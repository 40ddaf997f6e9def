import { type ApolloServerPlugin, HeaderMap } from "@apollo/server";
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { RequestContext } from "./context.js";

/** Executes a compiled operation. */
export type Run = (
  root: undefined,
  context: unknown,
  variables: object,
) => Promise<ExecutionResult> | ExecutionResult;

/** Queries that come repeatedly, compiled off the path of the requests. */
export interface CompiledQueries {
  /** The compiled operation, or undefined as long as there is none: then graphql executes the operation. */
  find(document: DocumentNode, operation: OperationDefinitionNode): Run | undefined;
}

/** Compiled operations that are kept. */
const maxCompiled = 200;
/** Operations that wait for compilation. While there are this many, others are not added. */
const maxQueued = 50;
/** Fields of an operation that is compiled, counting fragments wherever they are spread: each takes a tenth of a millisecond. */
const maxFields = 60;
/**
 * The next compilation waits this many times as long as the last one took, so that compiling takes at most a twentieth of
 * the CPU. Waiting for an idle event loop would never compile under load, when compiled queries help most.
 */
const pauseFactor = 20;

/** @param onError gets what a compilation throws: graphql goes on executing that operation */
export function createCompiledQueries(
  schema: GraphQLSchema,
  onError: (error: unknown) => void,
): CompiledQueries {
  const seen = new WeakSet<OperationDefinitionNode>();
  const compiled = new LRUCache<OperationDefinitionNode, { readonly run: Run | undefined }>({
    max: maxCompiled,
  });
  const queue = new Map<OperationDefinitionNode, DocumentNode>();

  async function compileNext(): Promise<void> {
    const [next] = queue;
    if (!next) return;
    const [operation, document] = next;
    const start = performance.now();
    let run: Run | undefined;
    try {
      run = await compile(schema, document, operation);
    } catch (error) {
      onError(error);
    }
    compiled.set(operation, { run });
    // It stays in the queue during the pause, so that the next one to arrive does not start at once.
    setTimeout(
      () => {
        queue.delete(operation);
        compileNext();
      },
      pauseFactor * (performance.now() - start),
    ).unref();
  }

  return {
    find(document, operation) {
      const known = compiled.get(operation);
      if (known) return known.run;
      if (!seen.has(operation)) seen.add(operation);
      else if (queue.size < maxQueued && !queue.has(operation)) {
        queue.set(operation, document);
        if (queue.size === 1) setImmediate(compileNext);
      }
      return undefined;
    },
  };
}

/**
 * Executes queries that come repeatedly and read lists in compiled form, which graphql executes more slowly, row by row. A
 * compiled query that fails is executed again by graphql, whose errors clients know: no call is made twice, since the
 * loaders keep what was read, errors included.
 */
export const createCompiledQueriesPlugin = (
  queries: CompiledQueries,
): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async responseForOperation({ document, operation, request, contextValue }) {
        // Only graphql itself measures each field, reports an unknown operation, and lets other requests run in between.
        const isTraced = request.http?.headers.has("apollo-federation-include-trace");
        const needsGraphql = isTraced || contextValue.bounds.isLarge || !operation;
        const run = needsGraphql ? undefined : queries.find(document, operation);
        if (!run) return null;
        const { data, errors } = await run(undefined, contextValue, request.variables ?? {});
        if (errors) {
          contextValue.addedErrors.length = 0;
          contextValue.bounds.resetErrors();
          return null;
        }
        return {
          http: { headers: new HeaderMap() },
          body: { kind: "single", singleResult: { data: data ?? null } },
        };
      },
    };
  },
});

/** @returns undefined for an operation that cannot be compiled, or is not worth it */
export async function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Promise<Run | undefined> {
  if (!isWorthwhile(schema, document, operation)) return undefined;
  // Loaded on demand: it takes a sixth of the time in which the gateway starts.
  const { compileQuery, isCompiledQuery } = await import("graphql-jit");
  const query = compileQuery(schema, document, operation.name?.value);
  return isCompiledQuery(query) ? (query.query as Run) : undefined;
}

/**
 * Whether it is a query that reads a list of objects, is not too large, and has no directives: graphql-jit executes @skip
 * and @include wrongly if a field is selected more than once (its issue #111).
 */
function isWorthwhile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  if (operation.operation !== "query") return false;
  const alone = separateOperations(document)[operation.name?.value ?? ""] ?? document;
  const types = new TypeInfo(schema);
  let hasLists = false;
  let hasDirectives = false;
  visit(
    alone,
    visitWithTypeInfo(types, {
      Directive() {
        hasDirectives = true;
      },
      Field() {
        const type = types.getType();
        hasLists ||= isListType(getNullableType(type)) && isCompositeType(getNamedType(type));
      },
    }),
  );
  return hasLists && !hasDirectives && countFields(alone, operation) <= maxFields;
}

/** The document is valid: no fragment contains itself. */
function countFields({ definitions }: DocumentNode, { selectionSet }: OperationDefinitionNode): number {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? [[definition.name.value, definition.selectionSet] as const]
        : [],
    ),
  );
  /** A fragment counts wherever it is spread, and is counted once. */
  const counts = new Map<SelectionSetNode, number>();
  function count(set: SelectionSetNode | undefined): number {
    if (!set) return 0;
    const cached = counts.get(set);
    if (cached !== undefined) return cached;
    let fields = 0;
    for (const selection of set.selections)
      fields +=
        selection.kind === Kind.FRAGMENT_SPREAD
          ? count(fragments.get(selection.name.value))
          : count(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
    counts.set(set, fields);
    return fields;
  }
  return count(selectionSet);
}
