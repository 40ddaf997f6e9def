import { hash } from "node:crypto";
import { InMemoryLRUCache, type KeyValueCache } from "@apollo/utils.keyvaluecache";
import type { SharedStore } from "../stores/store.js";

/** Milliseconds for which replicas share a query. */
const timeToLiveMs = 24 * 60 * 60 * 1_000;

/**
 * The texts of automatic persisted queries by their hashes, shared by all replicas. Each also caches in memory those that
 * its clients use; while the shared store does not respond, clients send the text again.
 */
export function createQueryCache(shared: SharedStore): KeyValueCache<string> {
  const local = new InMemoryLRUCache<string>();
  return {
    async get(key) {
      const cached = await local.get(key);
      if (cached !== undefined) return cached;
      const [text] = await shared.getMany([key]).catch(() => []);
      if (text === undefined) return undefined;
      // The store is shared: a text with another hash would be another query.
      if (typeof text !== "string" || !key.endsWith(hash("sha256", text))) {
        shared.foundMalformed();
        return undefined;
      }
      await local.set(key, text);
      return text;
    },
    async set(key, text) {
      await local.set(key, text);
      await shared.set(key, text, timeToLiveMs).catch(() => undefined);
    },
    delete: (key) => local.delete(key),
  };
}
