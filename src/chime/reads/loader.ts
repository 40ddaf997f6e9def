import DataLoader from "dataloader";

export interface Loader<Key, Value> {
  /** What is known already is there at once: hundreds of rows may ask for the same. */
  load(key: Key): Value | Promise<Value | null>;
}

/**
 * A DataLoader that also serves what lists have brought.
 *
 * @param requestOf names what is known without having been asked for
 */
export function createLoader<Key, Value extends object>(
  loadBatch: (keys: readonly Key[]) => Promise<(Value | null | Error)[]>,
  keyOf: (key: Key) => string,
  requestOf?: (value: Value) => Key,
  createMap: <Kept>() => Map<string, Kept> = () => new Map(),
) {
  const known = createMap<Value>();
  /** What is known, but was not looked at: most lists are read for themselves, and nobody asks for their rows. */
  let lists: (readonly Value[])[] = [];
  const loader = new DataLoader<Key, Value | null, string>(loadBatch, {
    cacheKeyFn: keyOf,
    cacheMap: createMap(),
  });
  return {
    load(key: Key) {
      if (requestOf && lists.length > 0) {
        for (const list of lists) for (const value of list) known.set(keyOf(requestOf(value)), value);
        lists = [];
      }
      return known.get(keyOf(key)) ?? loader.load(key);
    },
    know(list: readonly Value[]) {
      lists.push(list);
    },
    forgetAll() {
      known.clear();
      lists = [];
      loader.clearAll();
    },
  };
}
