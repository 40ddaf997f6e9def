import { LRUCache } from "lru-cache";

/** Stores values for a limited time. It may lose any value at any moment. */
export interface Store {
  /** The values of some keys at one moment, undefined where there is none. */
  getMany(keys: readonly string[]): Promise<readonly unknown[]>;
  /**
   * When it returns, every reader gets this value. If it fails, the value may still be stored, even later.
   *
   * @param value JSON
   * @param milliseconds its time to live
   */
  set(key: string, value: unknown, milliseconds: number): Promise<void>;
  /** Reports a value that this gateway does not write. Readers treat it as missing. */
  foundMalformed?(): void;
  close(): void;
}

/** A store that replicas share. Its operations fail if it does not respond in time. */
export interface SharedStore extends Store {
  foundMalformed(): void;
  /** Counts something for all replicas. The count ends this many milliseconds after its first increment. */
  increment(key: string, milliseconds: number): Promise<Count>;
  /** Uses the store. @returns why it is unavailable, as a code; the last result after `close` */
  probe(): Promise<string | undefined>;
  /** Calls the listener when the store becomes unavailable, when the reason changes, and when it is available again. */
  onChange(listener: (isAvailable: boolean, problem?: string) => void): void;
  /** Calls the listener at most once a minute, with the number of malformed values since the last time. */
  onMalformed(listener: (values: number) => void): void;
}

export interface Count {
  readonly count: number;
  /** Milliseconds until the count ends. */
  readonly timeLeft: number;
}

/** @param entries the maximum number of values: those that were used least recently are removed */
export function createMemoryStore(entries: number): Store {
  /** JSON, so that no two readers share an object. */
  const texts = new LRUCache<string, string>({ max: entries });

  function get(key: string): unknown {
    const text = texts.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  return {
    getMany: async (keys) => keys.map(get),
    async set(key, value, milliseconds) {
      texts.set(key, JSON.stringify(value), { ttl: milliseconds });
    },
    close: () => texts.clear(),
  };
}
