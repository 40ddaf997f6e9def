import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { SharedStore } from "../stores/store.js";
import { withoutMessage } from "../telemetry/logger.js";
import type { NameLabels } from "../telemetry/metricLabels.js";
import { auditPlugin } from "./audit.js";
import { createAuthorizationPlugin } from "./authorization.js";
import { createCompiledQueries, createCompiledQueriesPlugin } from "./compiledQueries.js";
import type { RequestContext } from "./context.js";
import { createFormatError } from "./errors.js";
import { createFieldTimingsPlugin } from "./fieldTimings.js";
import { lifecyclePlugin } from "./lifecyclePlugin.js";
import type { Limits } from "./limits/limits.js";
import { createDocumentStore, createErrorLimitPlugin, createLimitsPlugin } from "./limits/plugin.js";
import { createPersistedOperationsPlugin, type PersistedOperationsSettings } from "./persistedOperations.js";
import { createQueryCache } from "./persistedQueryCache.js";
import { literalPathsPlugin } from "./requestErrors.js";
import { requestParametersPlugin } from "./requestParameters.js";
import { createResponseExtensionsPlugin } from "./responseExtensions.js";
import { createSchema } from "./schema.js";
import { NoServiceRule, withoutSuggestions } from "./schemaPrivacy.js";

export interface ApolloSettings {
  readonly http: { readonly explorer: boolean };
  readonly schema: { readonly prefix?: string | undefined };
  readonly auth: { readonly routerSecrets?: readonly string[] | undefined };
  readonly persistedOperations?: PersistedOperationsSettings | undefined;
  readonly shared?: SharedStore | undefined;
  readonly limits: Limits;
  readonly trace: boolean;
}

/** Composes Apollo Server. The order of its plugins is the order in which they get a request. */
export async function startApollo(
  app: FastifyInstance,
  settings: ApolloSettings,
  labels: NameLabels,
): Promise<{ readonly apollo: ApolloServer<RequestContext>; readonly schema: GraphQLSchema }> {
  const { http, auth, persistedOperations, shared, limits, trace } = settings;
  const { explorer } = http;
  const { routerSecrets } = auth;
  const format = createFormatError(limits, (error) =>
    app.log.error(withoutMessage(error), "unexpected error"),
  );
  const formatError: typeof format = explorer
    ? format
    : (formatted, error) => withoutSuggestions(format(formatted, error));
  const schema = createSchema(settings.schema.prefix);
  const compiledQueries = createCompiledQueries(schema, (error) =>
    app.log.error(withoutMessage(error), "a query could not be compiled"),
  );
  const apollo = new ApolloServer<RequestContext>({
    schema,
    formatError,
    // Whatever NODE_ENV is.
    includeStacktraceInErrorResponses: false,
    introspection: explorer,
    // With a router secret, all requests come from the router.
    validationRules: explorer || routerSecrets ? [] : [NoServiceRule],
    hideSchemaDetailsFromClientErrors: !explorer,
    // Fastify rejects forged requests.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    logger: app.log,
    parseOptions: { maxTokens: limits.tokens, maxComments: limits.tokens },
    documentStore: createDocumentStore(),
    ...(shared && { persistedQueries: { cache: createQueryCache(shared) } }),
    plugins: [
      requestParametersPlugin,
      ...(persistedOperations
        ? [createPersistedOperationsPlugin(persistedOperations, schema, limits, labels.add)]
        : []),
      createLimitsPlugin(limits, schema),
      createAuthorizationPlugin(schema),
      literalPathsPlugin,
      fastifyApolloDrainPlugin(app),
      // Fastify serves the explorers.
      ApolloServerPluginLandingPageDisabled(),
      createResponseExtensionsPlugin(formatError),
      createErrorLimitPlugin(),
      lifecyclePlugin,
      auditPlugin,
      createCompiledQueriesPlugin(compiledQueries),
      // Any caller may request the field timings, so they are served only where any caller may see what a query costs, or
      // where the router is the only caller.
      trace || routerSecrets ? createFieldTimingsPlugin() : ApolloServerPluginInlineTraceDisabled(),
      // It would search every field of every response for hints that the schema does not have.
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  return { apollo, schema };
}
