import type { ApolloServerPlugin } from "@apollo/server";
import { InMemoryLRUCache } from "@apollo/utils.keyvaluecache";
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from "graphql";
import type { RequestContext } from "../context.js";
import { isErrorOverflow } from "../requestErrors.js";
import { documentExcess } from "./documentLimits.js";
import { createEstimate } from "./estimate.js";
import { maxErrors } from "./execution.js";
import { LimitError, type Limits } from "./limits.js";

/** Rejects what exceeds the limits: a document before it is validated, an operation before it is executed. */
export function createLimitsPlugin(
  limits: Limits,
  schema: GraphQLSchema,
): ApolloServerPlugin<RequestContext> {
  const rejected = new WeakMap<DocumentNode, LimitError>();
  const estimate = createEstimate(schema, limits);

  return {
    async requestDidStart() {
      return {
        async validationDidStart(context) {
          const excess = documentExcess(context.document, limits);
          if (!excess) return;
          // Apollo would report an error thrown here as its own. So a harmless document takes the place of this one until a
          // hook that may reject it. Apollo caches it, so that the same document is not counted again.
          const document = { ...harmless };
          rejected.set(document, excess);
          Object.assign(context, { document });
        },
        async didResolveOperation({ document, operation, request, contextValue }) {
          const excess = rejected.get(document);
          if (excess) throw rejection(excess);
          if (!operation) return;
          try {
            contextValue.bounds.begin(estimate(document, operation, request.variables ?? {}));
          } catch (error) {
            throw error instanceof LimitError ? rejection(error) : error;
          }
        },
      };
    },
  };
}

const rejection = (error: LimitError): GraphQLError =>
  new GraphQLError(error.message, { originalError: error, extensions: { http: { status: 400 } } });

/**
 * Removes the errors above the maximum, and reports their number in `extensions.omittedErrors`. It follows the plugins that
 * add errors, and precedes those that read them.
 */
export const createErrorLimitPlugin = (): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue: { bounds } }) {
        // Apollo formats what stays in its list, which takes as long as making the errors.
        const list = errors as GraphQLError[];
        const excess = Math.max(0, list.length - maxErrors);
        // Where graphql stops counting, the number of errors is unknown: its last error stays.
        if (isErrorOverflow(list.at(-1))) list.splice(maxErrors - 1, excess);
        else bounds.omitErrors(list.splice(maxErrors).length);
      },
      async willSendResponse({ response: { body }, contextValue: { bounds } }) {
        if (body.kind !== "single") return;
        const result = body.singleResult;
        if (result.errors && result.errors.length > maxErrors) {
          bounds.omitErrors(result.errors.length - maxErrors);
          result.errors = result.errors.slice(0, maxErrors);
        }
        const { omittedErrors } = bounds;
        if (omittedErrors > 0) result.extensions = { ...result.extensions, omittedErrors };
      },
    };
  },
});

const harmless = parse("{ __typename }", { noLocation: true });

/**
 * The parsed and validated documents, by the hashes of their texts. Apollo's own store measures only the syntax tree, so
 * that a document with a mebibyte of comments, which it keeps, counts as nearly empty.
 */
export const createDocumentStore = () =>
  new InMemoryLRUCache<DocumentNode>({
    // With what is derived from a document, ten times as much in memory.
    maxSize: 4 * 1024 * 1024,
    sizeCalculation: (document) =>
      2_048 + JSON.stringify(document).length + (document.loc?.source.body.length ?? 0),
  });
