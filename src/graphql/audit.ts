import type { ApolloServerPlugin } from "@apollo/server";
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
} from "graphql";
import { ChimeError } from "../chime/errors.js";
import type { ChimeSession } from "../chime/session.js";
import { enumName } from "../chime-api/names.js";
import { operations } from "../chime-api/operations.js";
import { PublicError } from "../publicError.js";
import type { AuditLog } from "../telemetry/auditLog.js";
import type { CallRecord } from "../telemetry/callRecord.js";
import { summarizeCalls } from "../telemetry/callSummary.js";
import type { RequestDetails } from "../telemetry/requestLifecycle.js";
import { idsOf, isEmpty, type Target, targetsOf } from "./auditTargets.js";
import type { Caller } from "./caller.js";
import type { BulkResult } from "./resolvers/shared/bulkMutation.js";
import type { MutationResult } from "./resolvers/shared/mutation.js";

/** Fields with a secret: a request that gets one of their values has a line in the audit log. */
const secretFields: ReadonlySet<string> = new Set(["personalPin", "securityToken"]);

/** The audit log of one request. */
export interface RequestAudit {
  /** Runs a mutation field, and writes its line before it returns. */
  write(field: MutationField, run: () => Promise<unknown>): Promise<unknown>;
  /** Notes that the response has a secret. @param source the object that has it */
  read(field: string, source: unknown): void;
  /** Writes a line for each field that was read. */
  flushReads(): Promise<void>;
}

interface MutationField {
  readonly name: string;
  readonly input: object;
  /** The name of a result that is only an id, such as `accountId`. */
  readonly resultName: string | undefined;
  readonly session: Pick<ChimeSession, "log">;
}

/** Common parts of the lines of a request. */
interface AuditedRequest {
  readonly requestId: string;
  readonly caller: Caller;
  readonly client: string | undefined;
  readonly lifecycle: Pick<RequestDetails, "operation">;
}

/** The write was not sent, because the audit log is required and cannot be written. */
class AuditUnavailableError extends PublicError {
  override readonly name = "AuditUnavailableError";
  readonly code = "AUDIT_UNAVAILABLE";

  constructor() {
    super("The write was not sent, because AUDIT_LOG cannot be written and AUDIT_REQUIRED is true.");
  }
}

export function createRequestAudit(
  log: AuditLog,
  { requestId, caller: { subject, issuer }, client, lifecycle }: AuditedRequest,
): RequestAudit {
  const targetsRead = new Map<string, Map<string, Target>>();
  let writes = 0;

  const writeLine = (event: "intent" | "outcome" | "read", entry: object) => {
    const operation = lifecycle.operation?.name || undefined;
    return log.write({ event, requestId, subject, issuer, client, operation, ...entry });
  };

  return {
    async write({ name, input, resultName, session }, run) {
      writes++;
      const entry = { write: writes, mutation: name, ...targetsOf(input, log.hash) };
      const before = session.log.length;
      const writeOutcome = (outcome: (calls: readonly CallRecord[]) => object) => {
        const calls = session.log.slice(before).filter(isWrite);
        return writeLine("outcome", { ...entry, ...outcome(calls), ...callFacts(calls) });
      };
      if (log.isRequired && !(await writeLine("intent", entry))) {
        const error = new AuditUnavailableError();
        await writeOutcome(() => ({ outcome: "NOT_DONE", codes: [error.code] }));
        throw error;
      }
      let result: unknown;
      try {
        result = await run();
      } catch (error) {
        await writeOutcome((calls) => describeError(error, calls));
        throw error;
      }
      await writeOutcome(() => describeResult(result as Result, entry, resultName, log.hash));
      return result;
    },

    read(field, source) {
      const target = idsOf(source, log.hash);
      const targets = targetsRead.get(field) ?? new Map<string, Target>();
      targetsRead.set(field, targets.set(JSON.stringify(target), target));
    },

    async flushReads() {
      const lines = Array.from(targetsRead, ([field, targets]) =>
        writeLine("read", { field, targets: [...targets.values()] }),
      );
      await Promise.all(lines);
    },
  };
}

type Result = Pick<MutationResult<unknown>, "outcome" | "errors"> &
  Partial<Pick<MutationResult<unknown>, "value"> & Pick<BulkResult<unknown, unknown>, "results">>;

/** The outcome of a mutation, with the ids of what it created, and with the outcome of each item of a bulk write. */
function describeResult(
  { outcome, errors = [], value, results = [] }: Result,
  { targets }: { readonly targets: readonly Target[] },
  resultName: string | undefined,
  hash: AuditLog["hash"],
): object {
  if (results.length > 0)
    return {
      outcome,
      targets: results.map((item, index) => {
        const { accountId: _, ...ids } = idsOf(item.value, hash);
        const code = item.error ? enumName(item.error.code) : undefined;
        return { ...targets[index], ...ids, outcome: item.outcome, code };
      }),
    };
  const codes = [...new Set(errors.map(({ code }) => enumName(code)))];
  const named = typeof value === "string" && resultName ? { [resultName]: value } : value;
  const { accountId, ...ids } = named instanceof Error ? {} : idsOf(named, hash);
  return {
    ...(accountId !== undefined && { accountId }),
    ...(!isEmpty(ids) && { targets: (targets[0] ? targets : [{}]).map((target) => ({ ...target, ...ids })) }),
    outcome,
    ...(codes.length > 0 && { codes }),
  };
}

/** A mutation throws a ChimeError only if nothing was written. */
const describeError = (error: unknown, calls: readonly CallRecord[]) => ({
  outcome: error instanceof ChimeError || calls.length === 0 ? "NOT_DONE" : "UNKNOWN",
  codes: [error instanceof PublicError ? error.code : "INTERNAL_SERVER_ERROR"],
});

const isWrite = ({ operation }: CallRecord): boolean =>
  operations[operation as keyof typeof operations].isWrite;

/** The number of calls of each operation, and Chime's ids of the calls. */
export const callFacts = (calls: readonly CallRecord[]) => ({
  calls: Object.fromEntries(summarizeCalls(calls).map(({ operation, count }) => [operation, count])),
  awsRequestIds: calls.flatMap(({ requestId }) => requestId ?? []),
});

interface AuditedContext {
  readonly audit?: RequestAudit | undefined;
  readonly session: ChimeSession;
}

type Resolve = GraphQLFieldResolver<unknown, AuditedContext>;

/** Wraps the resolvers of mutations and of fields with secrets, for requests with an audit log. */
export function auditFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields()))
      if (type === schema.getMutationType()) field.resolve = auditWrite(field);
      else if (secretFields.has(field.name)) field.resolve = auditRead(field);
  }
}

function auditWrite(field: GraphQLField<unknown, AuditedContext>): Resolve {
  const { name, type, resolve = defaultFieldResolver } = field;
  const payload = getNamedType(type);
  const resultNames = isObjectType(payload) ? Object.keys(payload.getFields()) : [];
  // The payload's field for the object comes first, or after the outcome.
  const object = resultNames.find((each) => !["outcome", "errors"].includes(each));
  const resultName = object && `${object}Id`;
  return (source, args, context, info) => {
    const { audit, session } = context;
    const run = async () => resolve(source, args, context, info);
    const { input = args } = args as { input?: object };
    return audit ? audit.write({ name, input, resultName, session }, run) : run();
  };
}

function auditRead({ name, resolve = defaultFieldResolver }: GraphQLField<unknown, AuditedContext>): Resolve {
  const read: Resolve = async (source, args, context, info) => {
    const value = await resolve(source, args, context, info);
    if (value !== null && value !== undefined) context.audit?.read(name, source);
    return value;
  };
  return (source, args, context, info) => (context.audit ? read : resolve)(source, args, context, info);
}

/** Writes the lines of reads before the response is sent. */
export const auditPlugin: ApolloServerPlugin<AuditedContext> = {
  async requestDidStart() {
    return { willSendResponse: async ({ contextValue: { audit } }) => audit?.flushReads() };
  },
};
