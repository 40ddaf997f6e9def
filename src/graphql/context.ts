import { type GraphQLError, locatedError, responsePathAsArray } from "graphql";
import { createLoaders, type Loaders } from "../chime/reads/loaders.js";
import { rowPlan } from "../chime/reads/rowPlan.js";
import type { ChimeSession } from "../chime/session.js";
import type { Upstream } from "../chime/upstream.js";
import { createWrites } from "../chime/writes/writes.js";
import { enumName } from "../chime-api/names.js";
import type { RequestDetails } from "../telemetry/requestLifecycle.js";
import type { RequestAudit } from "./audit.js";
import { missingScopes } from "./authorization.js";
import type { Caller } from "./caller.js";
import { Bounds, limitCalls } from "./limits/execution.js";
import type { Limits } from "./limits/limits.js";
import type { Context } from "./resolvers/shared/context.js";

/** The resolvers' context, and what the plugins need of a request. */
export interface RequestContext extends Context {
  readonly caller: Caller;
  readonly session: ChimeSession;
  readonly loaders: Loaders;
  /** Errors of fields that have a value. */
  readonly addedErrors: GraphQLError[];
  readonly bounds: Bounds;
  /** Whether the caller has requested the calls to Chime in the response, and has the scope for it. */
  readonly trace: boolean;
  readonly lifecycle: RequestDetails;
  /** Absent if there is no audit log. */
  readonly audit: RequestAudit | undefined;
}

/** Creates what lives as long as one request. The upstream has what requests share: coalesced calls and the cache. */
export function createContext(
  upstream: Upstream,
  caller: Caller,
  trace: boolean,
  lifecycle: RequestDetails,
  limits: Limits,
  audit?: RequestAudit,
): RequestContext {
  const session = limitCalls(upstream.createSession(caller), limits);
  const bounds = new Bounds(limits);
  const loaders = createLoaders(session, rowPlan);
  const addedErrors: GraphQLError[] = [];
  lifecycle.session = session;
  lifecycle.showsCalls = trace;
  if (lifecycle.aborted) session.disconnect();
  return {
    caller,
    session,
    loaders,
    writes: createWrites(session, loaders),
    countErrors(errors) {
      for (const { code } of errors) lifecycle.payloadCodes.add(enumName(code));
    },
    sees: (accountId) => !session.allowedAccounts || session.allowedAccounts.has(accountId ?? ""),
    allows: (field) => missingScopes(field, caller).length === 0,
    addedErrors,
    addError(info, error) {
      if (bounds.addError())
        addedErrors.push(locatedError(error, info.fieldNodes, responsePathAsArray(info.path)));
    },
    bounds,
    trace,
    lifecycle,
    audit,
  };
}
