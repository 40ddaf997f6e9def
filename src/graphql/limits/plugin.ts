import type { ApolloServerPlugin } from "@apollo/server";
import { InMemoryLRUCache } from "@apollo/utils.keyvaluecache";
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from "graphql";
import type { RequestContext } from "../context.js";
import { maxErrors } from "./bounds.js";
import { documentExcess } from "./documentLimits.js";
import { LimitError, type Limits } from "./limits.js";
import { createRequestCheck } from "./requestLimits.js";

/** Refuses what is over the limits: a document before it is validated, an operation before it is executed. */
export function createLimitsPlugin(
  limits: Limits,
  schema: GraphQLSchema,
): ApolloServerPlugin<RequestContext> {
  const refused = new WeakMap<DocumentNode, LimitError>();
  const checkRequest = createRequestCheck(schema, limits);

  return {
    async requestDidStart() {
      return {
        async validationDidStart(context) {
          const excess = documentExcess(context.document, limits);
          if (!excess) return;
          // Apollo takes what is thrown here for a fault of the server's. So a document that costs nothing goes on in
          // place of this one, to where plugins may refuse; Apollo keeps it, so that the same is not counted again.
          const document = { ...harmless };
          refused.set(document, excess);
          Object.assign(context, { document });
        },
        async didResolveOperation({ document, operation, request, contextValue }) {
          const excess = refused.get(document);
          if (excess) throw refusal(excess);
          if (!operation) return;
          try {
            contextValue.bounds.begin(checkRequest(document, operation, request.variables ?? {}));
          } catch (error) {
            throw error instanceof LimitError ? refusal(error) : error;
          }
        },
      };
    },
  };
}

const refusal = (error: LimitError): GraphQLError =>
  new GraphQLError(error.message, { originalError: error, extensions: { http: { status: 400 } } });

/**
 * Leaves out the errors that are too many, and says in `extensions.omittedErrors` how many these are. Behind plugins that add
 * errors, before those that read them.
 */
export const createErrorLimitPlugin = (): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue: { bounds } }) {
        // Apollo formats what is left in its list: that takes as long as making the errors.
        const list = errors as GraphQLError[];
        const excess = Math.max(0, list.length - maxErrors);
        // Where graphql has stopped counting, its own last error says that there are more: how many is not known.
        if (/^Too many .*errors/.test(list.at(-1)?.message ?? "")) list.splice(maxErrors - 1, excess);
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
 * The documents that were parsed and validated, by the hashes of their texts. Apollo's own store weighs a document by its
 * syntax tree alone, so that one with a mebibyte of comments, which it holds on to, weighs next to nothing.
 */
export const createDocumentStore = () =>
  new InMemoryLRUCache<DocumentNode>({
    // Some 30 MiB in memory, where a document of a page's size takes about 20 KiB.
    maxSize: 8 * 1024 * 1024,
    sizeCalculation: (document) =>
      2_048 + JSON.stringify(document).length + (document.loc?.source.body.length ?? 0),
  });
