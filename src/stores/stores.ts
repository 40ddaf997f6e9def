import { connectRedis } from "./redis.js";
import { createMemoryStore, type SharedStore, type Store } from "./store.js";

export interface StoresSettings {
  /** Milliseconds for which accounts and users are kept; 0: they are not. */
  readonly timeToLive: number;
  /** Accounts and users that are kept in memory, at most. */
  readonly entries?: number;
  /** A Redis that replicas share, or nodes of its cluster; undefined: each has its own memory. */
  readonly redisUrls: readonly string[] | undefined;
}

/** 10,000 entries take about 10 MB. */
const maxEntries = 10_000;

export interface Stores {
  /** The store that all replicas share. */
  readonly shared?: SharedStore | undefined;
  /** For accounts and users; absent: none are kept. */
  readonly cache?: { readonly store: Store; readonly timeToLive: number } | undefined;
  close(): void;
}

export async function openStores({
  timeToLive,
  entries = maxEntries,
  redisUrls,
}: StoresSettings): Promise<Stores> {
  const shared = redisUrls === undefined ? undefined : await connectRedis(redisUrls);
  const store = shared ?? createMemoryStore(entries);
  return {
    shared,
    cache: timeToLive > 0 ? { store, timeToLive } : undefined,
    close: () => store.close(),
  };
}
