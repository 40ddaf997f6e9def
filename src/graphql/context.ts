import { type GraphQLError, locatedError, responsePathAsArray } from "graphql";
import { schemaName } from "../chime/errors.js";
import { createLoaders, type Loaders } from "../chime/reads/loaders.js";
import type { UserPlanSettings } from "../chime/reads/userPlan.js";
import type { ChimeSession } from "../chime/session.js";
import type { Upstream } from "../chime/upstream.js";
import { createWrites } from "../chime/writes/writes.js";
import type { Caller } from "../server/authentication.js";
import type { RequestDetails } from "../telemetry/requestLifecycle.js";
import { missingScopes } from "./authorization.js";
import { Bounds } from "./limits/bounds.js";
import { limitCalls } from "./limits/calls.js";
import type { Limits } from "./limits/limits.js";
import type { Context } from "./resolvers/context.js";

/** The resolvers' context, and what is said about it when the request is over. */
export interface RequestContext extends Context {
  readonly caller: Caller;
  readonly session: ChimeSession;
  readonly loaders: Loaders;
  /** Errors of fields that have a value all the same. */
  readonly reported: GraphQLError[];
  readonly bounds: Bounds;
  /** Whether the caller asked what the request costs, and may know. */
  readonly trace: boolean;
  readonly lifecycle: RequestDetails;
}

/**
 * Everything in it lives as long as one request. What callers share is the upstream's: calls under way, and the cache, each
 * asked for what exists for the caller only.
 */
export function createContext(
  upstream: Upstream,
  userPlan: UserPlanSettings,
  caller: Caller,
  trace: boolean,
  lifecycle: RequestDetails,
  limits: Limits,
): RequestContext {
  const session = limitCalls(upstream.createSession(caller), limits);
  const bounds = new Bounds(limits);
  const loaders = createLoaders(session, userPlan);
  const reported: GraphQLError[] = [];
  lifecycle.session = session;
  lifecycle.showsCalls = trace;
  if (lifecycle.aborted) session.disconnect();
  return {
    caller,
    session,
    loaders,
    chime: createWrites(session, loaders),
    countErrors(errors) {
      for (const { code } of errors) lifecycle.payloadCodes.add(schemaName(code));
    },
    allows: (field) => missingScopes(field, caller).length === 0,
    reported,
    report(info, error) {
      if (bounds.addError())
        reported.push(locatedError(error, info.fieldNodes, responsePathAsArray(info.path)));
    },
    bounds,
    trace,
    lifecycle,
  };
}
