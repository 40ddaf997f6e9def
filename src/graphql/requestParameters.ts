import type { ApolloServerPlugin, HTTPGraphQLRequest } from "@apollo/server";

/**
 * Reads parameters of a request that Apollo does not, as GraphQL over HTTP and its draft of persisted documents define
 * them: an empty `operationName` in a URL is none, and `documentId` is the id or the hash of a persisted operation.
 */
export const requestParametersPlugin: ApolloServerPlugin = {
  async requestDidStart({ request }) {
    const { http, query, operationName, extensions } = request;
    if (http?.method === "GET" && operationName === "") delete request.operationName;
    const id = http && documentIdOf(http);
    if (typeof id === "string" && query === undefined && !extensions?.["persistedQuery"])
      request.extensions = { ...extensions, persistedQuery: { version: 1, sha256Hash: withoutPrefix(id) } };
  },
};

/** The hash in a document id that names its algorithm; another id as it is. */
export const withoutPrefix = (id: string): string => id.replace(/^sha256:/, "");

const documentIdOf = ({ method, search, body }: HTTPGraphQLRequest): unknown =>
  method === "GET"
    ? new URLSearchParams(search).get("documentId")
    : (body as { readonly documentId?: unknown } | null | undefined)?.documentId;
