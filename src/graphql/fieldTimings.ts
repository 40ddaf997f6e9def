import type { ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginInlineTrace } from "@apollo/server/plugin/inlineTrace";
import type { RequestContext } from "./context.js";

/**
 * Adds the time of each field to a response if a router requests it, except for a large operation: that would take ten
 * times the CPU, without a pause, and 60 bytes a field.
 */
export function createFieldTimingsPlugin(): ApolloServerPlugin<RequestContext> {
  const plugin: ApolloServerPlugin<RequestContext> = ApolloServerPluginInlineTrace({
    includeErrors: { masked: true },
  });
  return {
    ...plugin,
    async requestDidStart(request) {
      const listener = await plugin.requestDidStart?.(request);
      if (!listener) return;
      const { bounds } = request.contextValue;
      return {
        async executionDidStart(context) {
          if (!bounds.isLarge) return listener.executionDidStart?.(context);
        },
        async didEncounterErrors(context) {
          if (!bounds.isLarge) await listener.didEncounterErrors?.(context);
        },
        async willSendResponse(context) {
          if (!bounds.isLarge) await listener.willSendResponse?.(context);
        },
      };
    },
  };
}
