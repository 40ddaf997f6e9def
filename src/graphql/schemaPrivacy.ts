import { GraphQLError, type GraphQLFormattedError, type ValidationRule } from "graphql";

/** Rejects `_service`, which returns the whole schema, as Apollo's own rule rejects introspection. */
export const NoServiceRule: ValidationRule = (context) => ({
  Field(node) {
    const isQuery = context.getParentType() === context.getSchema().getQueryType();
    if (isQuery && node.name.value === "_service")
      context.reportError(
        new GraphQLError(
          "_service is only available to a router that sends ROUTER_SECRET, or while EXPLORER is on.",
          { nodes: [node] },
        ),
      );
  },
});

/** Removes the names that graphql suggests. Apollo only removes them from errors of validation, not of variables. */
export const withoutSuggestions = (error: GraphQLFormattedError): GraphQLFormattedError => ({
  ...error,
  message: error.message.replace(/ ?Did you mean [^?]*\?/g, ""),
});
