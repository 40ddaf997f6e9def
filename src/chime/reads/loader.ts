import DataLoader from "dataloader";

export interface Loader<Key, Value> {
  /** Primed values come without a promise: hundreds of rows may load the same one. */
  load(key: Key): Value | Promise<Value | null>;
  /** The same, but undefined if it has been neither primed nor loaded. */
  peek(key: Key): Value | Promise<Value | null> | undefined;
}

/**
 * A DataLoader that can be primed with whole lists: their rows are indexed only when something is loaded, since most lists
 * are read for themselves.
 *
 * @param requestOf the key under which a primed value is found
 */
export function createLoader<Key, Value extends object>(
  loadBatch: (keys: readonly Key[]) => Promise<(Value | null | Error)[]>,
  keyOf: (key: Key) => string,
  requestOf?: (value: Value) => Key,
  createMap: <Entry>() => Map<string, Entry> = () => new Map(),
) {
  const primed = createMap<Value>();
  /** Not indexed yet. */
  let lists: (readonly Value[])[] = [];
  const loaded = createMap<Promise<Value | null>>();
  const loader = new DataLoader<Key, Value | null, string>(loadBatch, {
    cacheKeyFn: keyOf,
    cacheMap: loaded,
  });
  function findPrimed(key: Key): Value | undefined {
    if (requestOf && lists.length > 0) {
      for (const list of lists) for (const value of list) primed.set(keyOf(requestOf(value)), value);
      lists = [];
    }
    return primed.size === 0 ? undefined : primed.get(keyOf(key));
  }
  return {
    load: (key: Key) => findPrimed(key) ?? loader.load(key),
    peek: (key: Key) => findPrimed(key) ?? loaded.get(keyOf(key)),
    primeAll(list: readonly Value[]) {
      lists.push(list);
    },
    clearAll() {
      primed.clear();
      lists = [];
      loader.clearAll();
    },
  };
}
