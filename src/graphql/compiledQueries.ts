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
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import type { RequestContext } from "./context.js";

/** Runs a compiled operation. */
export type Run = (
  root: undefined,
  context: unknown,
  variables: object,
) => Promise<ExecutionResult> | ExecutionResult;

/** Compiled operations that are kept. */
const mostCompiled = 200;
/**
 * Fields of an operation that is compiled, its fragments unfolded: each takes a tenth of a millisecond, in which nobody else
 * is served.
 */
const mostFields = 60;
/** After a compilation there is none for so many times as long as it took: a flood of operations is not to be compiled. */
const rest = 20;

/**
 * Compiles the queries that come again and read lists, for which graphql's own way, field by field and row by row, takes
 * longer. What goes wrong in a compiled query is run once more in graphql's way, so that errors are graphql's
 * own: no call is made twice, for the loaders keep what came, be it an error.
 */
export function createCompilationPlugin(schema: GraphQLSchema): ApolloServerPlugin<RequestContext> {
  const seen = new WeakSet<OperationDefinitionNode>();
  const compiled = new LRUCache<OperationDefinitionNode, { readonly run: Run | undefined }>({
    max: mostCompiled,
  });
  let restsUntil = 0;

  function runOf(document: DocumentNode, operation: OperationDefinitionNode): Run | undefined {
    const known = compiled.get(operation);
    if (known) return known.run;
    const now = performance.now();
    if (!seen.has(operation)) seen.add(operation);
    else if (now >= restsUntil) {
      const run = compile(schema, document, operation);
      compiled.set(operation, { run });
      restsUntil = now + rest * (performance.now() - now);
      return run;
    }
    return undefined;
  }

  return {
    async requestDidStart() {
      return {
        async responseForOperation({ document, operation, request, contextValue }) {
          // Only graphql's own way tells how long each field took, and that there is no such operation. And only its own way
          // lets other requests run in between.
          const isTraced = request.http?.headers.has("apollo-federation-include-trace");
          const isLeft = isTraced || contextValue.bounds.isLarge || !operation;
          const run = isLeft ? undefined : runOf(document, operation);
          if (!run) return null;
          const { data, errors } = await run(undefined, contextValue, request.variables ?? {});
          if (errors) {
            contextValue.reported.length = 0;
            contextValue.bounds.forgetErrors();
            return null;
          }
          return {
            http: { headers: new HeaderMap() },
            body: { kind: "single", singleResult: { data: data ?? null } },
          };
        },
      };
    },
  };
}

/** @returns undefined where it can't be compiled, or is not worth it: graphql's own way is left */
export function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Run | undefined {
  if (!isWorthwhile(schema, document, operation)) return undefined;
  const query = compileQuery(schema, document, operation.name?.value);
  return isCompiledQuery(query) ? (query.query as Run) : undefined;
}

/**
 * Whether it is a query that reads a list of objects, and not too large a one; and leaves out nothing by @skip or @include,
 * which graphql-jit gets wrong where a field is selected more than once.
 */
function isWorthwhile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  if (operation.operation !== "query") return false;
  const alone = separateOperations(document)[operation.name?.value ?? ""] ?? document;
  const types = new TypeInfo(schema);
  let lists = 0;
  let conditions = 0;
  visit(
    alone,
    visitWithTypeInfo(types, {
      Directive() {
        conditions++;
      },
      Field() {
        const type = types.getType();
        if (type && isListType(getNullableType(type)) && isCompositeType(getNamedType(type))) lists++;
      },
    }),
  );
  return lists > 0 && conditions === 0 && fieldsIn(alone, operation) <= mostFields;
}

/** The document is valid: no fragment is within itself. */
function fieldsIn({ definitions }: DocumentNode, { selectionSet }: OperationDefinitionNode): number {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? [[definition.name.value, definition.selectionSet] as const]
        : [],
    ),
  );
  /** By fragment: it is counted as often as it is spread, and looked at once. */
  const counts = new Map<SelectionSetNode, number>();
  function count(set: SelectionSetNode | undefined): number {
    if (!set) return 0;
    const known = counts.get(set);
    if (known !== undefined) return known;
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
