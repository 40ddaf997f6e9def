import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { AppSettings } from "../server/app.js";
import { withoutMessage } from "../server/serverErrors.js";
import type { OperationNames } from "../telemetry/operationNames.js";
import { createObservationPlugin } from "../telemetry/requestLifecycle.js";
import { createAuthorizationPlugin } from "./authorization.js";
import { createCompiledQueries, createCompiledQueriesPlugin } from "./compiledQueries.js";
import type { RequestContext } from "./context.js";
import { createFormatError } from "./errors.js";
import { createFieldTimingsPlugin } from "./fieldTimings.js";
import { literalPathsPlugin } from "./graphqlErrors.js";
import { createDocumentStore, createErrorLimitPlugin, createLimitsPlugin } from "./limits/plugin.js";
import { createPersistedOperationsPlugin } from "./persistedOperations.js";
import { createQueryCache } from "./persistedQueryCache.js";
import { createResponseExtensionsPlugin } from "./responseExtensions.js";
import { createSchema } from "./schema.js";

/** Composes Apollo Server. The order of its plugins is the order in which they get a request. */
export async function startApollo(
  app: FastifyInstance,
  { explorer, persistedOperations, shared, limits, trace, routerSecrets }: AppSettings,
  names: OperationNames,
): Promise<ApolloServer<RequestContext>> {
  const formatError = createFormatError(limits, (error) =>
    app.log.error(withoutMessage(error), "unexpected error"),
  );
  const schema = createSchema();
  const compiledQueries = createCompiledQueries(schema, (error) =>
    app.log.error(withoutMessage(error), "a query could not be compiled"),
  );
  const apollo = new ApolloServer<RequestContext>({
    schema,
    formatError,
    // Whatever NODE_ENV is.
    includeStacktraceInErrorResponses: false,
    introspection: explorer,
    hideSchemaDetailsFromClientErrors: !explorer,
    stopOnTerminationSignals: false,
    logger: app.log,
    parseOptions: { maxTokens: limits.tokens, maxComments: limits.tokens },
    documentStore: createDocumentStore(),
    ...(shared && { persistedQueries: { cache: createQueryCache(shared) } }),
    plugins: [
      ...(persistedOperations
        ? [createPersistedOperationsPlugin(persistedOperations, schema, limits, names.know)]
        : []),
      createLimitsPlugin(limits, schema),
      createAuthorizationPlugin(schema),
      literalPathsPlugin,
      fastifyApolloDrainPlugin(app),
      // Fastify serves the explorers.
      ApolloServerPluginLandingPageDisabled(),
      createResponseExtensionsPlugin(formatError),
      createErrorLimitPlugin(),
      createObservationPlugin(),
      createCompiledQueriesPlugin(compiledQueries),
      // Any caller may request the field timings, so they are served only where any caller may see what a query costs, or
      // where the router is the only caller.
      trace || routerSecrets ? createFieldTimingsPlugin() : ApolloServerPluginInlineTraceDisabled(),
      // It would search every field of every response for hints that the schema does not have.
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}
