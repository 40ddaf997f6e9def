import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import { summarizeCalls, upstreamTime } from "../telemetry/callSummary.js";
import type { RequestContext } from "./context.js";
import type { createFormatError } from "./errors.js";

/** Adds to a response the errors of fields that have a value and, in `extensions.chime`, the calls to Chime if requested. */
export const createResponseExtensionsPlugin = (
  formatError: ReturnType<typeof createFormatError>,
): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        // graphql would notice in execution, and Apollo would report an error of the server.
        if (operation?.operation === "subscription")
          throw new GraphQLError("The schema has no subscriptions.", {
            extensions: { code: "OPERATION_RESOLUTION_FAILURE", http: { status: 400 } },
          });
      },
      async willSendResponse({ response: { body }, contextValue: { addedErrors, trace, session } }) {
        if (body.kind !== "single") return;
        const result = body.singleResult;
        if (addedErrors.length > 0)
          result.errors = [
            ...(result.errors ?? []),
            ...addedErrors.map((error) => formatError(error.toJSON(), error)),
          ];
        if (trace)
          result.extensions = {
            ...result.extensions,
            chime: {
              calls: summarizeCalls(session.log),
              totalCalls: session.log.length,
              ms: Math.round(upstreamTime(session.log)),
            },
          };
      },
    };
  },
});
