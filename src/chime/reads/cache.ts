import { createHash, randomUUID } from "node:crypto";
import type { Store } from "../../stores/store.js";
import type { ChimeTarget } from "../client/clients.js";
import { cacheableValue, type Entry, isEntry, type Kind, type Kinds, readCached } from "./cacheEntries.js";

export interface CacheSettings {
  readonly store: Store;
  /** Milliseconds for which an entry is kept. */
  readonly timeToLive: number;
}

/** The result of a lookup for the metrics. */
export interface Lookup {
  readonly kind: Kind;
  readonly hits: number;
  readonly misses: number;
}

/** The entries of one account at one moment. */
export interface CacheView<Value> {
  /** By id. */
  readonly found: ReadonlyMap<string, Value>;
  /** The account's version: reads that start now may be stored under it, and shared with reads of the same version. */
  readonly version?: string | undefined;
  /** Stores a value that was read after this lookup; does nothing without a version. */
  store(id: string, value: Value): void;
}

/**
 * Accounts and users that were read recently, unless a write through the gateway has changed their account.
 *
 * Nothing is locked or deleted. Each account has a version, a random id, and each entry has the version that its account
 * had before the entry was read from Chime. A write ends with a new version, which invalidates all older entries; a lookup
 * reads the version and the entries in one operation. If the store loses or delays something, entries become invalid at
 * worst, because no version is ever set twice.
 *
 * Responses to writes are not stored: another replica may have written since.
 */
export interface Cache {
  lookup<K extends Kind>(kind: K, accountId: string, ids: readonly string[]): Promise<CacheView<Kinds[K]>>;
  /**
   * Call it after each write to the account. While the store is unavailable, this process reads nothing of the account from
   * it, and other replicas may read entries up to their time to live.
   */
  invalidate(accountId: string): Promise<void>;
  close(): void;
}

export const emptyView: CacheView<never> = {
  found: new Map<string, never>(),
  store: () => undefined,
};

/** Milliseconds after which a failed invalidation is retried. */
const retryInterval = 1_000;

export function createCache(
  { store, timeToLive }: CacheSettings,
  target: ChimeTarget,
  onLookup: (lookup: Lookup) => void,
): Cache {
  const endpointHash = createHash("sha256")
    .update(target.endpoint ?? "AWS")
    .digest("base64url");
  const prefix = `2/${endpointHash.slice(0, 12)}`;
  // In braces, so that a Redis cluster keeps the keys of an account on one node: they are read in one operation.
  const versionKey = (accountId: string) => `${prefix}/version/{${accountId}}`;
  const keyOf = (kind: Kind, accountId: string, id: string) => `${prefix}/${kind}/{${accountId}}/${id}`;
  /** Accounts whose last write has not been published to the store yet. */
  const pending = new Map<string, symbol>();
  /** Versions of accounts that had none, which are being set: concurrent lookups share them. */
  const firstVersions = new Map<string, Promise<string>>();
  let retry: NodeJS.Timeout | undefined;

  /** The version outlives the entries: without it they are invalid. */
  async function setVersion(accountId: string): Promise<string> {
    const version = randomUUID();
    await store.set(versionKey(accountId), version, 10 * timeToLive);
    return version;
  }

  function setFirstVersion(accountId: string): Promise<string> {
    const version =
      firstVersions.get(accountId) ?? setVersion(accountId).finally(() => firstVersions.delete(accountId));
    firstVersions.set(accountId, version);
    return version;
  }

  /** @returns whether the store has confirmed it. If not, it may still take effect later, as another new version. */
  async function publish(accountId: string, change: symbol): Promise<boolean> {
    try {
      await setVersion(accountId);
    } catch {
      return false;
    }
    // Another write may have finished meanwhile.
    if (pending.get(accountId) === change) pending.delete(accountId);
    return true;
  }

  function publishLater(): void {
    retry ??= setTimeout(async () => {
      for (const [accountId, change] of pending) if (!(await publish(accountId, change))) break;
      retry = undefined;
      if (pending.size > 0) publishLater();
    }, retryInterval).unref();
  }

  async function findEntries<K extends Kind>(
    kind: K,
    accountId: string,
    ids: readonly string[],
  ): Promise<CacheView<Kinds[K]>> {
    if (pending.has(accountId)) return emptyView;
    try {
      const keys = ids.map((id) => keyOf(kind, accountId, id));
      const [version, ...entries] = await store.getMany([versionKey(accountId), ...keys]);
      if (typeof version !== "string") {
        if (version !== undefined) store.foundMalformed?.();
        return viewOf(kind, accountId, await setFirstVersion(accountId));
      }
      const found = new Map<string, Kinds[K]>();
      for (const [index, id] of ids.entries()) {
        const entry = entries[index];
        if (entry === undefined || (isEntry(entry) && entry.version !== version)) continue;
        const value = isEntry(entry) ? readCached(kind, accountId, id, entry.value) : undefined;
        if (value) found.set(id, value);
        else store.foundMalformed?.();
      }
      return viewOf(kind, accountId, version, found);
    } catch {
      return emptyView;
    }
  }

  return {
    async lookup(kind, accountId, ids) {
      const view = await findEntries(kind, accountId, ids);
      onLookup({ kind, hits: view.found.size, misses: ids.length - view.found.size });
      return view;
    },
    async invalidate(accountId) {
      const change = Symbol("change");
      pending.set(accountId, change);
      if (!(await publish(accountId, change))) publishLater();
    },
    close: () => clearTimeout(retry),
  };

  function viewOf<K extends Kind>(
    kind: K,
    accountId: string,
    version: string,
    found: ReadonlyMap<string, Kinds[K]> = new Map(),
  ): CacheView<Kinds[K]> {
    return {
      found,
      version,
      store(id, value) {
        if (pending.has(accountId)) return;
        const cacheable = cacheableValue(kind, value);
        if (!cacheable) return;
        const entry: Entry = { version, value: cacheable };
        store.set(keyOf(kind, accountId, id), entry, timeToLive).catch(() => undefined);
      },
    };
  }
}
