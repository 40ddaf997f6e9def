import type {
  ApolloServerPlugin,
  GraphQLRequest,
  GraphQLRequestListener,
  HTTPGraphQLRequest,
} from "@apollo/server";
import { GraphQLError } from "graphql";

/**
 * Reads parameters of a request that Apollo does not, as GraphQL over HTTP and its draft of persisted documents define
 * them: an empty `operationName` counts as absent, and `documentId` is the id or the hash of a persisted operation.
 */
export const requestParametersPlugin: ApolloServerPlugin = {
  async requestDidStart({ request }) {
    const { http, query, operationName, extensions } = request;
    if (operationName === "") delete request.operationName;
    const id = http && documentIdOf(http);
    if (id === undefined || query !== undefined || extensions?.["persistedQuery"]) return undefined;
    if (typeof id !== "string" || id === "")
      return reject(request, "BAD_REQUEST", "documentId must be a single string that is not empty.");
    request.extensions = { ...extensions, persistedQuery: { version: 1, sha256Hash: withoutPrefix(id) } };
    return undefined;
  },
};

/** The hash in a document id that names its algorithm; another id as it is. */
export const withoutPrefix = (id: string): string => id.replace(/^sha256:/, "");

function documentIdOf({ method, search, body }: HTTPGraphQLRequest): unknown {
  if (method !== "GET") return (body as { readonly documentId?: unknown } | null | undefined)?.documentId;
  const [id, ...others] = new URLSearchParams(search).getAll("documentId");
  return others.length > 0 ? [id, ...others] : id;
}

/**
 * Rejects a request with status 400. Apollo would report an error thrown in `requestDidStart` as its own. So a harmless
 * operation takes the place of this one until a hook that may reject it.
 */
export function reject<Context extends object>(
  request: GraphQLRequest,
  code: string,
  message: string,
): GraphQLRequestListener<Context> {
  replaceQuery(request, "{ __typename }");
  return {
    async didResolveOperation() {
      throw new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
    },
  };
}

/** Apollo would compare the extension with the query's hash, which the id need not be. */
export function replaceQuery(request: GraphQLRequest, query: string): void {
  const { persistedQuery: _, ...extensions } = request.extensions ?? {};
  request.query = query;
  request.extensions = extensions;
}
