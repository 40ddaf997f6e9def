import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { AppSettings } from "../server/app.js";
import { withoutMessage } from "../telemetry/logger.js";
import type { OperationLabels } from "../telemetry/metricLabels.js";
import { createAuthorizationPlugin } from "./authorization.js";
import { inputProblemsPlugin } from "./coercionErrors.js";
import { createCompilationPlugin } from "./compiledQueries.js";
import type { RequestContext } from "./context.js";
import { createFormatError } from "./errors.js";
import { createFieldTimingsPlugin } from "./fieldTimings.js";
import { lifecyclePlugin } from "./lifecyclePlugin.js";
import { createDocumentStore, createErrorLimitPlugin, createLimitsPlugin } from "./limits/plugin.js";
import { createPersistedOperationsPlugin } from "./persistedOperations.js";
import { createQueryCache } from "./persistedQueryCache.js";
import { createReportPlugin } from "./responseExtensions.js";
import { createSchema } from "./schema.js";

/** Composes Apollo Server: the order of its plugins is the order in which they see a request. */
export async function startApollo(
  app: FastifyInstance,
  { explorer, persistedOperations, shared, limits, trace, routerSecrets }: AppSettings,
  labels: OperationLabels,
): Promise<ApolloServer<RequestContext>> {
  const formatError = createFormatError(limits, (error) =>
    app.log.error(withoutMessage(error), "unexpected error"),
  );
  const schema = createSchema();
  const apollo = new ApolloServer<RequestContext>({
    schema,
    formatError,
    // Whatever NODE_ENV says.
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
        ? [createPersistedOperationsPlugin(persistedOperations, schema, limits, labels.add)]
        : []),
      createLimitsPlugin(limits, schema),
      createAuthorizationPlugin(schema),
      inputProblemsPlugin,
      fastifyApolloDrainPlugin(app),
      // A browser is shown the explorers before it comes to Apollo.
      ApolloServerPluginLandingPageDisabled(),
      createReportPlugin(formatError),
      createErrorLimitPlugin(),
      lifecyclePlugin,
      createCompilationPlugin(schema),
      // Whoever asks is told how long each field took: so it is answered where anybody may know what a query costs, and
      // where nobody but the router is answered at all.
      trace || routerSecrets ? createFieldTimingsPlugin() : ApolloServerPluginInlineTraceDisabled(),
      // It walks every field of every answer for hints that the schema does not give.
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}
