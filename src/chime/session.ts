import { setTimeout as delay } from "node:timers/promises";
import { createCommand } from "../chime-api/commands.js";
import { operations } from "../chime-api/operations.js";
import type { OperationName, OutputOf, RequestOf } from "../chime-api/types.js";
import type { CallRecord } from "../telemetry/callRecord.js";
import type { ChimeClients } from "./client/clients.js";
import { type Call, createCall, isAbortable, type QueueKey, type Scheduler } from "./client/scheduler.js";
import { Deadline, disconnected } from "./deadline.js";
import { accountNotFound, ChimeError, forbiddenForCaller, readFailed, writeFailed } from "./errors.js";
import { isOfAccount } from "./phoneNumbers.js";
import { type Cache, emptyView } from "./reads/cache.js";
import type { Coalescing } from "./reads/coalescing.js";
import type { UserWalk } from "./reads/userWalk.js";

/**
 * The calls of one GraphQL request. Reads and writes raise a ChimeError, nothing else. The path of a call: this file,
 * coalescing.ts (reads), client/scheduler.ts, the SDK (client/clients.ts), client/transport.ts.
 */
export interface ChimeSession {
  /**
   * Sends a read, or shares the equal read of another request; the request must not change. The SDK retries transient
   * failures until the deadline of the last request that waits.
   */
  read<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
    options?: ReadOptions,
  ): Promise<OutputOf<Name>>;
  readonly lookup: Cache["lookup"];
  /** Walks through users in progress, by account. A write to the account removes its walk. */
  readonly walks: Map<string, UserWalk>;
  /** Moves the deadline of later reads to this many milliseconds after the session's start. */
  extendReads(milliseconds: number): void;
  /** Starts the deadline of a mutation field: its writes, and the reads that follow them. */
  beginMutation(kind: "single" | "bulk"): void;
  /** Sends a write. It is not retried if its outcome is unknown, and not aborted once it is sent. */
  write<Name extends OperationName>(operation: Name, request: RequestOf<Name>): Promise<OutputOf<Name>>;
  /** Waits. @returns false as soon as the deadline has passed or the client has disconnected */
  sleep(milliseconds: number): Promise<boolean>;
  /** The client has disconnected: aborts its reads, and its writes that have not been sent. */
  disconnect(): void;
  /** The response is complete: aborts reads, of which nothing is needed any more. A request that writes goes on. */
  endReads(): void;
  /** Milliseconds until the deadline of the request, or of its current mutation field. */
  timeLeft(): number;
  /** Milliseconds until the latest moment at which a write may be sent. */
  timeToSend(): number;
  /** Ids of the accounts that the caller may see; absent: all. */
  readonly allowedAccounts?: ReadonlySet<string> | undefined;
  /** The calls so far, in the order of completion. */
  readonly log: readonly CallRecord[];
}

export interface ReadOptions {
  /** The account's version in the cache: only reads with the same version are shared. */
  readonly version?: string | undefined;
  /** Whether to send a call now, instead of sharing one that began before. */
  readonly isFresh?: boolean;
}

/** The caller of a request. */
export interface SessionCaller {
  /** The token's subject: its requests share one queue. */
  readonly subject?: string | undefined;
  readonly allowedAccounts?: ReadonlySet<string> | undefined;
}

export interface Deadlines {
  /** Milliseconds that a query may take. */
  readonly readDeadline: number;
  /** Milliseconds that a mutation field may take; a bulk write and a whole request, three times as many. */
  readonly writeDeadline: number;
  /** Milliseconds that one attempt of a call may take. */
  readonly callTimeout: number;
}

/** The parts that all sessions of a process share. */
export interface Shared extends Deadlines {
  readonly clients: ChimeClients;
  readonly scheduler: Scheduler;
  readonly coalescing: Coalescing;
  readonly cache: Cache | undefined;
  readonly walks: Map<string, UserWalk>;
  /** Writes in progress. */
  readonly writes: Set<object>;
  /** Must not throw. */
  onCall(call: CallRecord): void;
  /** Called when a call cannot be sent because credentials or valid settings are missing. Must not throw. */
  onConfigurationError(cause: Error): void;
}

export function createSession(shared: Shared, caller: SessionCaller): ChimeSession {
  const { clients, scheduler, coalescing, cache, walks, readDeadline, writeDeadline, callTimeout } = shared;
  const { allowedAccounts } = caller;
  const log: CallRecord[] = [];
  const queueKey: QueueKey = caller.subject ?? Symbol("request");
  const began = performance.now();
  const requestEnd = began + requestFactor * writeDeadline;
  /** Deadlines of writes in progress. */
  const writes = new Set<Deadline>();
  let isDisconnected = false;
  let isMutation = false;
  let deadline = new Deadline(began + readDeadline);

  function deadlineAt(at: number): Deadline {
    const created = new Deadline(at);
    if (isDisconnected) created.abort(disconnected);
    return created;
  }

  async function send<Name extends OperationName>(
    kind: "reads" | "writes",
    operation: Name,
    request: RequestOf<Name>,
    call: Call,
  ): Promise<OutputOf<Name>> {
    const { attempts } = call;
    const command = createCommand(operation, request);
    const began = performance.now();
    let requests = 0;
    const record = (end: Pick<CallRecord, "outcome" | "httpStatus" | "requestId">) => {
      const { throttles, waited } = call;
      const retries = Math.max(0, requests + attempts.count - 1);
      const milliseconds = performance.now() - began;
      const finished = { operation, ...end, retries, throttles, began, waited, milliseconds };
      log.push(finished);
      shared.onCall(finished);
    };
    try {
      const output = await scheduler.run(call, () => {
        requests += attempts.count;
        attempts.count = 0;
        attempts.isSent = false;
        clients.track(command, attempts);
        return clients[kind].send(command);
      });
      const { httpStatusCode: httpStatus, requestId } = output.$metadata;
      record({ outcome: "OK", httpStatus, requestId });
      return output;
    } catch (thrown) {
      const error = (kind === "reads" ? readFailed : writeFailed)(operation, thrown, attempts);
      const { httpStatus, requestId, configurationError } = error;
      if (configurationError !== undefined) shared.onConfigurationError(configurationError);
      const isCanceled = isAbortable(call) && call.signal.reason === disconnected;
      const outcome = isCanceled ? "CANCELED" : error.outcome;
      record({ outcome, httpStatus, requestId });
      throw error;
    }
  }

  /** Checks the account that a request concerns, if the caller is limited to certain accounts. */
  function checkAccount(operation: OperationName, request: unknown): void {
    if (!allowedAccounts || filteredReads.has(operation)) return;
    const accountId = operation === "ListPhoneNumbers" ? filteredAccountId(request) : accountIdOf(request);
    if (accountId === undefined || operation === "AssociatePhoneNumberWithUser")
      throw forbiddenForCaller(operation);
    if (!allowedAccounts.has(accountId)) throw accountNotFound(operation);
  }

  /** To such a caller, phone numbers that are not assigned to one of the accounts do not exist. */
  function visibleIn<Output extends object>(operation: OperationName, output: Output): Output {
    if (!allowedAccounts) return output;
    if (operation === "GetPhoneNumber") {
      const { PhoneNumber = {} } = output as OutputOf<"GetPhoneNumber">;
      if (!isOfAccount(PhoneNumber, allowedAccounts)) throw accountNotFound(operation);
    }
    const { PhoneNumbers } = output as OutputOf<"ListPhoneNumbers">;
    if (operation !== "ListPhoneNumbers" || !PhoneNumbers) return output;
    // A copy: other callers may share the output.
    return { ...output, PhoneNumbers: PhoneNumbers.filter((each) => isOfAccount(each, allowedAccounts)) };
  }

  return {
    allowedAccounts,
    log,
    walks,
    disconnect() {
      isDisconnected = true;
      for (const each of [deadline, ...writes]) each.abort(disconnected);
    },
    endReads() {
      if (!isMutation) deadline.abort(disconnected);
    },
    sleep: (milliseconds) =>
      deadline.during(delay(milliseconds, true, { signal: deadline.signal }).catch(() => false)),
    timeLeft: () => deadline.at - performance.now(),
    timeToSend: () => deadline.at - callTimeout - performance.now(),
    async lookup(kind, accountId, ids) {
      if (!cache || (allowedAccounts && !allowedAccounts.has(accountId))) return emptyView;
      return cache.lookup(kind, accountId, ids);
    },
    async read(operation, request, { version, isFresh = false } = {}) {
      checkAccount(operation, request);
      const key = JSON.stringify([version, operation, request, ...(isFresh ? [freshReads++] : [])]);
      const reader = { caller: queueKey, deadline };
      try {
        const output = await deadline.during(
          coalescing.read(key, reader, (call) => send("reads", operation, request, call)),
        );
        return visibleIn(operation, output);
      } catch (thrown) {
        throw thrown instanceof ChimeError ? thrown : readFailed(operation, thrown);
      }
    },
    extendReads(milliseconds) {
      deadline = deadlineAt(began + milliseconds);
    },
    beginMutation(kind) {
      isMutation = true;
      const fieldEnd = performance.now() + writeDeadline;
      deadline = deadlineAt(kind === "bulk" ? requestEnd : Math.min(requestEnd, fieldEnd));
    },
    async write(operation, request) {
      const accountId = accountIdOf(request);
      checkAccount(operation, request);
      // If it were sent later, its response could come after the deadline. One that Chime recognizes by its idempotency
      // token is sent until the deadline, since it may be the repetition that settles the outcome.
      const isRepeatable = operations[operation].idempotencyToken !== undefined;
      const latest = deadlineAt(isRepeatable ? deadline.at : deadline.at - callTimeout);
      const call = createCall("write", latest.signal, isRepeatable);
      call.waiters.add({
        caller: queueKey,
        sendBefore: latest.at,
        fail: (error) => call.ticket?.reject(error),
      });
      shared.writes.add(call);
      writes.add(latest);
      try {
        return await latest.during(send("writes", operation, request, call));
      } finally {
        writes.delete(latest);
        coalescing.clear();
        if (accountId !== undefined) {
          walks.delete(accountId);
          await cache?.invalidate(accountId);
        }
        shared.writes.delete(call);
      }
    },
  };
}

/** A bulk write, and a request of several mutations, may take this many times as long as a single write. */
export const requestFactor = 3;

/** Makes the key of each fresh read unique. */
let freshReads = 0;

/** Reads without an account, for callers limited to certain accounts: loaders filter ListAccounts, visibleIn the other. */
const filteredReads: ReadonlySet<OperationName> = new Set(["ListAccounts", "GetPhoneNumber"]);

/** The account whose phone numbers are listed. */
function filteredAccountId(request: unknown): string | undefined {
  const { FilterName, FilterValue } = request as RequestOf<"ListPhoneNumbers">;
  return FilterName === "AccountId" ? FilterValue : undefined;
}

export const accountIdOf = (request: unknown): string | undefined =>
  (request as { readonly AccountId?: string }).AccountId;
