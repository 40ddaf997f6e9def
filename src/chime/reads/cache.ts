import { createHash, randomUUID } from "node:crypto";
import type { Store } from "../../stores/store.js";
import type { ChimeTarget } from "../client/clients.js";
import { type Entry, isEntry, type Kind, type Kinds, readThing, thingToKeep } from "./cacheEntries.js";

export interface CacheSettings {
  readonly store: Store;
  /** Milliseconds for which what was read is kept. */
  readonly timeToLive: number;
}

/** What the cache knows of one account at one moment, and what may be added to it. */
export interface Known<Thing> {
  /** By id. */
  readonly found: ReadonlyMap<string, Thing>;
  /**
   * Of the account. Whatever is read of it from now on may be kept under this version, and be shared with who has the
   * same; absent: nothing may be kept.
   */
  readonly version?: string | undefined;
  /** Keeps what was read since. */
  keep(id: string, thing: Thing): void;
}

/**
 * Accounts and users that were read a moment ago, as long as nothing of their account is changed through the gateway.
 *
 * Nothing is locked, nothing deleted. Each account has a version, a random id, and each entry the version that the account had
 * before the entry was read from Chime. A write makes a new version when it is over, so that entries that may be older
 * than it never count again; whoever reads gets version and entries as they are at one moment. Whatever the store loses, or
 * carries out late, makes entries count for nothing at worst: no version is ever set twice.
 *
 * What a write answers is not kept: another one may have been done since, be it by another replica. Those who read it
 * back from Chime keep it.
 */
export interface Cache {
  look<K extends Kind>(kind: K, accountId: string, ids: readonly string[]): Promise<Known<Kinds[K]>>;
  /**
   * A write to the account is over. Where the store can't be told, this process reads nothing of the account from it until it
   * can, and other replicas may read what is as old as the time to live allows.
   */
  changed(accountId: string): Promise<void>;
  close(): void;
}

export const nothingKnown: Known<never> = {
  found: new Map<string, never>(),
  keep: () => undefined,
};

/** Milliseconds after which the store is told again. */
const retryInterval = 1_000;

export function createCache({ store, timeToLive }: CacheSettings, target: ChimeTarget): Cache {
  const prefix = `1/${fingerprintOf(target.endpoint ?? "AWS")}`;
  const versionKey = (accountId: string) => `${prefix}/version/${accountId}`;
  const keyOf = (kind: Kind, accountId: string, id: string) => `${prefix}/${kind}/${accountId}/${id}`;
  /** Accounts of which the store does not know yet that they have changed, each with its last change. */
  const untold = new Map<string, symbol>();
  let retry: NodeJS.Timeout | undefined;

  /** An account whose version is lost loses its entries: it outlives them. */
  async function setVersion(accountId: string): Promise<string> {
    const version = randomUUID();
    await store.set(versionKey(accountId), version, 10 * timeToLive);
    return version;
  }

  /** @returns whether the store knows. If not, its version may change all the same, and later: only to another new one. */
  async function tell(accountId: string, change: symbol): Promise<boolean> {
    try {
      await setVersion(accountId);
    } catch {
      return false;
    }
    // Another change may have come meanwhile, behind this one.
    if (untold.get(accountId) === change) untold.delete(accountId);
    return true;
  }

  function tellLater(): void {
    retry ??= setTimeout(async () => {
      for (const [accountId, change] of untold) if (!(await tell(accountId, change))) break;
      retry = undefined;
      if (untold.size > 0) tellLater();
    }, retryInterval).unref();
  }

  return {
    async look<K extends Kind>(kind: K, accountId: string, ids: readonly string[]) {
      if (untold.has(accountId)) return nothingKnown;
      try {
        const keys = ids.map((id) => keyOf(kind, accountId, id));
        const [version, ...entries] = await store.getMany([versionKey(accountId), ...keys]);
        if (typeof version !== "string") {
          if (version !== undefined) store.foundMalformed?.();
          return knownOf(kind, accountId, await setVersion(accountId));
        }
        const found = new Map<string, Kinds[K]>();
        for (const [index, id] of ids.entries()) {
          const entry = entries[index];
          if (entry === undefined || (isEntry(entry) && entry.version !== version)) continue;
          const thing = isEntry(entry) ? readThing(kind, accountId, id, entry.thing) : undefined;
          if (thing) found.set(id, thing);
          else store.foundMalformed?.();
        }
        return knownOf(kind, accountId, version, found);
      } catch {
        return nothingKnown;
      }
    },
    async changed(accountId) {
      const change = Symbol("change");
      untold.set(accountId, change);
      if (!(await tell(accountId, change))) tellLater();
    },
    close: () => clearTimeout(retry),
  };

  function knownOf<K extends Kind>(
    kind: K,
    accountId: string,
    version: string,
    found: ReadonlyMap<string, Kinds[K]> = new Map(),
  ): Known<Kinds[K]> {
    return {
      found,
      version,
      keep(id, thing) {
        if (untold.has(accountId)) return;
        const kept = thingToKeep(kind, thing);
        if (!kept) return;
        const entry: Entry = { version, thing: kept };
        store.set(keyOf(kind, accountId, id), entry, timeToLive).catch(() => undefined);
      },
    };
  }
}

const fingerprintOf = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 12);
