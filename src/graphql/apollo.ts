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
import { inputProblemsPlugin } from "./coercionErrors.js";
import { createCompilationPlugin } from "./compiledQueries.js";
import type { RequestContext } from "./context.js";
import { createFormatError } from "./errors.js";
import { createFieldTimingsPlugin } from "./fieldTimings.js";
import type { Limits } from "./limits/limits.js";
import { createDocumentStore, createErrorLimitPlugin, createLimitsPlugin } from "./limits/plugin.js";
import { createPersistedOperationsPlugin } from "./persistedOperations.js";
import { createQueryCache } from "./persistedQueryCache.js";
import { createReportPlugin } from "./responseExtensions.js";
import { createSchema } from "./schema.js";

/** Composes Apollo Server: the order of its plugins is the order in which they see a request. */
export async function startApollo(
  app: FastifyInstance,
  { http: { explorer }, auth, persistedOperations, shared, trace }: AppSettings,
  limits: Limits,
  names: OperationNames,
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
        ? [createPersistedOperationsPlugin(persistedOperations, schema, limits, names.know)]
        : []),
      createLimitsPlugin(limits, schema),
      createAuthorizationPlugin(schema),
      inputProblemsPlugin,
      fastifyApolloDrainPlugin(app),
      // A browser is shown the explorers before it comes to Apollo.
      ApolloServerPluginLandingPageDisabled(),
      createReportPlugin(formatError),
      createErrorLimitPlugin(),
      createObservationPlugin(),
      createCompilationPlugin(schema),
      // Whoever asks is told how long each field took: so it is answered where anybody may know what a query costs, and
      // where nobody but the router is answered at all.
      trace || auth.routerSecrets ? createFieldTimingsPlugin() : ApolloServerPluginInlineTraceDisabled(),
      // It walks every field of every answer for hints that the schema does not give.
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}
