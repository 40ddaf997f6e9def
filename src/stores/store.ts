/** Keeps values, each for a time. What it keeps may be gone at any moment: whoever asks can do without. */
export interface Store {
  /** The values of some keys as they are at one moment, undefined where there is none. */
  getMany(keys: readonly string[]): Promise<readonly unknown[]>;
  /**
   * When it returns, whoever asks gets this value. If it fails, that may be so too, be it later.
   *
   * @param value JSON
   * @param milliseconds after which it is gone
   */
  set(key: string, value: unknown, milliseconds: number): Promise<void>;
  /** To be called for a value that is not what this gateway puts in. It counts as none. */
  foundMalformed?(): void;
  close(): void;
}

/** A store that others may share: it fails when it does not answer at once. */
export interface SharedStore extends Store {
  foundMalformed(): void;
  /** Told when it stops answering, and when it answers again. */
  onChange(listener: (answers: boolean) => void): void;
  /** Told once a minute at most, and how many malformed values there were since the last time. */
  onMalformed(listener: (values: number) => void): void;
}

/** @param entries values that it keeps at most: those that were not asked for the longest have to go */
export function createMemoryStore(entries: number): Store {
  /** In the order of their last use. As texts, so that no two readers share an object. */
  const kept = new Map<string, { readonly text: string; readonly until: number }>();

  function get(key: string): unknown {
    const entry = kept.get(key);
    if (!entry) return undefined;
    kept.delete(key);
    if (entry.until <= performance.now()) return undefined;
    kept.set(key, entry);
    return JSON.parse(entry.text);
  }

  return {
    getMany: async (keys) => keys.map(get),
    async set(key, value, milliseconds) {
      kept.delete(key);
      kept.set(key, { text: JSON.stringify(value), until: performance.now() + milliseconds });
      const [oldest = key] = kept.keys();
      if (kept.size > entries) kept.delete(oldest);
    },
    close: () => kept.clear(),
  };
}
