import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import { summarizeCalls, upstreamTime } from "../telemetry/callSummary.js";
import type { RequestContext } from "./context.js";
import type { createFormatError } from "./errors.js";

/** Adds to an answer what the resolvers reported beside its data and, for who asked, what it cost upstream. */
export const createReportPlugin = (
  formatError: ReturnType<typeof createFormatError>,
): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        // graphql finds out only when it runs it, and takes it for a fault of the server's.
        if (operation?.operation === "subscription")
          throw new GraphQLError("The schema has no subscriptions.", {
            extensions: { code: "OPERATION_RESOLUTION_FAILURE", http: { status: 400 } },
          });
      },
      async willSendResponse({ response: { body }, contextValue: { reported, trace, session } }) {
        if (body.kind !== "single") return;
        const result = body.singleResult;
        if (reported.length > 0)
          result.errors = [
            ...(result.errors ?? []),
            ...reported.map((error) => formatError(error.toJSON(), error)),
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
