import { createCommand } from "../chime-api/commands.js";
import type { CallRecord } from "../telemetry/callRecord.js";
import { Observers } from "../telemetry/observers.js";
import { isThrottle } from "./callErrors.js";
import { type ChimeClientSettings, createChimeClients } from "./client/clients.js";
import { createScheduler } from "./client/scheduler.js";
import { readFailed, type UpstreamCode } from "./errors.js";
import { type CacheSettings, createCache, type Lookup } from "./reads/cache.js";
import { createCoalescing } from "./reads/coalescing.js";
import {
  type ChimeSession,
  createSession,
  type Deadlines,
  requestFactor,
  type SessionCaller,
} from "./session.js";

/** The process's connection to Chime. */
export interface Upstream {
  /**
   * The calls of one request, whose deadline starts now. Accounts that the caller may not see are not found.
   */
  createSession(caller: SessionCaller): ChimeSession;
  /** Asks Chime for one account. @returns undefined if it responds, else an `extensions.code`; the last result after `close` */
  probe(): Promise<UpstreamCode | undefined>;
  /** Whether Chime has accepted the gateway's credentials at least once. */
  readonly wasAccepted: boolean;
  /** Called after each call, in the async context of the request that made it. */
  onCall(listener: (call: CallRecord) => void): void;
  /** Called when the probe's result changes: with its code, or undefined when Chime is available again. */
  onAvailability(listener: (code: UpstreamCode | undefined) => void): void;
  /** Called when no call can be sent because credentials or valid settings are missing: once per reason. */
  onConfigurationError(listener: (cause: unknown) => void): void;
  /** Called after each lookup of accounts or users in the cache. */
  onLookup(listener: (lookup: Lookup) => void): void;
  /** Called with what a listener of the above throws. */
  onObserverError(listener: (error: unknown) => void): void;
  readonly load: {
    /** Calls in flight. */
    readonly inFlight: number;
    /** Calls that wait for a slot or for the rate limit. */
    readonly waiting: number;
    /** Writes in progress. */
    readonly writes: number;
  };
  /** Milliseconds after which no request waits for Chime. */
  readonly maxRequestMs: number;
  /** Closes the connections; calls in flight fail. */
  close(): void;
}

export interface UpstreamSettings extends ChimeClientSettings, Deadlines {
  /** Caches accounts and users between requests; absent: no cache. */
  readonly cache?: CacheSettings | undefined;
}

/** Milliseconds for which a probe's result is reused: the health endpoint is unauthenticated. */
const probeAge = 1_000;
const probeTimeout = 3_000;

export function createUpstream(settings: UpstreamSettings): Upstream {
  const { concurrency, target, readDeadline, writeDeadline } = settings;
  const scheduler = createScheduler(concurrency);
  const clients = createChimeClients(settings, scheduler);
  const observerErrors: ((error: unknown) => void)[] = [];
  const onObserverError = (error: unknown) => {
    for (const listener of observerErrors) listener(error);
  };
  const calls = new Observers<CallRecord>(onObserverError);
  const availability = new Observers<UpstreamCode | undefined>(onObserverError);
  const configurationErrors = new Observers<unknown>(onObserverError);
  const lookups = new Observers<Lookup>(onObserverError);
  const cache = settings.cache && createCache(settings.cache, target, (lookup) => lookups.notify(lookup));
  const writes = new Set<object>();

  let wasAccepted = false;
  let isClosed = false;
  let unavailability: UpstreamCode | undefined;
  let probing: Promise<UpstreamCode | undefined> | undefined;
  /** Reasons that have been reported since Chime last accepted a call. */
  const configurationReasons = new Set<string>();

  const shared = {
    ...settings,
    clients,
    scheduler,
    coalescing: createCoalescing(scheduler),
    cache,
    walks: new Map(),
    writes,
    onCall(call: CallRecord) {
      if (call.outcome === "OK") accept();
      calls.notify(call);
    },
    onConfigurationError,
  };

  function accept(): void {
    wasAccepted = true;
    configurationReasons.clear();
  }

  function onConfigurationError(cause: Error): void {
    const text = `${cause}: ${cause.cause}`;
    if (configurationReasons.has(text)) return;
    configurationReasons.add(text);
    configurationErrors.notify(cause);
  }

  /** One attempt without a slot and without influence on the rate, so that a busy or throttled gateway is probed too. */
  async function sendProbe(): Promise<UpstreamCode | undefined> {
    const command = createCommand("ListAccounts", { MaxResults: 1 });
    const attempts = {
      signal: AbortSignal.timeout(probeTimeout),
      isAbortableInFlight: true,
      count: 0,
      isSent: false,
    };
    clients.track(command, attempts);
    try {
      await clients.probe.send(command);
      accept();
      return undefined;
    } catch (thrown) {
      if (isThrottle(thrown)) {
        accept();
        return undefined;
      }
      const { failure, configurationError } = readFailed("ListAccounts", thrown, attempts);
      if (configurationError !== undefined) onConfigurationError(configurationError);
      return failure.code;
    }
  }

  async function probe(): Promise<UpstreamCode | undefined> {
    const code = await sendProbe();
    if (isClosed) return unavailability;
    if (code !== unavailability) {
      unavailability = code;
      availability.notify(code);
    }
    setTimeout(() => {
      probing = undefined;
    }, probeAge).unref();
    return code;
  }

  return {
    createSession: (caller) => createSession(shared, caller),
    async probe() {
      // The last export of metrics comes later. By then the embedded Chime has ended, which is not an outage.
      if (isClosed) return unavailability;
      probing ??= probe();
      return probing;
    },
    get wasAccepted() {
      return wasAccepted;
    },
    onCall: (listener) => calls.add(listener),
    onAvailability: (listener) => availability.add(listener),
    onConfigurationError: (listener) => configurationErrors.add(listener),
    onLookup: (listener) => lookups.add(listener),
    onObserverError: (listener) => void observerErrors.push(listener),
    get load() {
      return { ...scheduler.load, writes: writes.size };
    },
    maxRequestMs: Math.max(readDeadline, requestFactor * writeDeadline),
    close() {
      isClosed = true;
      cache?.close();
      clients.destroy();
    },
  };
}
