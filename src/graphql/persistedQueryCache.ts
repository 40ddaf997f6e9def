import { hash } from "node:crypto";
import { InMemoryLRUCache, type KeyValueCache } from "@apollo/utils.keyvaluecache";
import type { SharedStore } from "../stores/store.js";

/** Milliseconds for which replicas know a query without being told again. */
const timeToLive = 24 * 60 * 60 * 1_000;

/**
 * The texts of automatic persisted queries, by their hashes: what a client has told one replica, all know. Each keeps
 * those that it is asked for in its memory; while the shared store does not answer, clients tell the text again.
 */
export function createQueryCache(shared: SharedStore): KeyValueCache<string> {
  const own = new InMemoryLRUCache<string>();
  return {
    async get(key) {
      const known = await own.get(key);
      if (known !== undefined) return known;
      const [text] = await shared.getMany([key]).catch(() => []);
      if (text === undefined) return undefined;
      // A shared store may hold anything: a text of another hash would be another query than the client's.
      if (typeof text !== "string" || !key.endsWith(hash("sha256", text))) {
        shared.foundMalformed();
        return undefined;
      }
      await own.set(key, text);
      return text;
    },
    async set(key, text) {
      await own.set(key, text);
      await shared.set(key, text, timeToLive).catch(() => undefined);
    },
    delete: (key) => own.delete(key),
  };
}
