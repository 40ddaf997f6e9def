import DataLoader from "dataloader";
import type { Camel } from "../../chime-api/names.js";
import { createRequest } from "../../chime-api/requests.js";
import type { OperationName, OutputOf, RequestOf } from "../../chime-api/types.js";
import { failedWith } from "../errors.js";
import type { ChimeSession } from "../session.js";
import type { EntityDefinition, ListDefinition, ListName } from "./definitions.js";
import { KnownRows } from "./knownRows.js";
import { type Connection, type FetchPage, type PageRequest, readConnection } from "./pagination.js";
import { loadRows, type PlanSettings } from "./rowPlan.js";

/** Reads of any noun, by its operations and definitions. */
export interface RowLoaders {
  /** One call per operation and request, such as for an account's settings; null if Chime does not find it. */
  read<Name extends OperationName>(operation: Name, request: RequestOf<Name>): Promise<OutputOf<Name> | null>;
  /** The same for the precondition of a write: always a call of its own, which starts now. */
  readFresh<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
  ): Promise<OutputOf<Name> | null>;
  /** Null if Chime does not find it. k objects of one list take at most k + 1 calls: see loadRows. */
  one<Row extends object, Key>(entity: EntityDefinition<Row, Key>, key: Key): Promise<Row | null>;
  /** One call per page of Chime's. A missing owner, such as an account, is a NotFound error. */
  page<Name extends ListName, Row extends object>(
    list: ListDefinition<Name, Row>,
    filter: Camel<RequestOf<Name>>,
    page: PageRequest,
  ): Promise<Connection<Row>>;
  /** Adds an object from the response to a write. */
  primeOne<Row extends object, Key>(entity: EntityDefinition<Row, Key>, key: Key, row: Row): void;
}

export function createRowLoaders(
  session: Pick<ChimeSession, "read">,
  settings: PlanSettings,
): RowLoaders & { clearAll(): void } {
  const outputs = new Map<string, Promise<unknown>>();
  const loaders = new Map<unknown, DataLoader<unknown, object | null, string>>();
  const known = new KnownRows();
  let writes = 0;

  function readOnce<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
  ): Promise<OutputOf<Name>> {
    const key = keyOf(operation, request);
    const output = outputs.get(key) ?? session.read(operation, request);
    outputs.set(key, output);
    return output as Promise<OutputOf<Name>>;
  }

  const pagesOf =
    <Name extends ListName, Row extends object>(
      list: ListDefinition<Name, Row>,
      filter: RequestOf<Name>,
    ): FetchPage<Row> =>
    async (maxResults, token) => {
      const request = { ...Object(filter), MaxResults: maxResults, NextToken: token } as RequestOf<Name>;
      const name = list.nameOf(Object(filter));
      const isKnown = outputs.has(keyOf(list.operation, request));
      const reading = readOnce(list.operation, request);
      const writesBefore = writes;
      const { pending } = known.in(name);
      pending.add(reading);
      try {
        const output = await reading;
        const rows = list.rowsOf(output, filter);
        // A page that was read before a write may be older than the write.
        if (!isKnown && writes === writesBefore) known.in(name).add(rows, list.idOf);
        const { NextToken } = output as { readonly NextToken?: string };
        return { rows, nextToken: NextToken, isKnown };
      } finally {
        pending.delete(reading);
      }
    };

  async function get<Row extends object, Key>(entity: EntityDefinition<Row, Key>, key: Key) {
    const output = await readOnce(entity.operation, entity.requestOf(key) as never).catch(nullIfMissing);
    return output && entity.rowOf(output, key);
  }

  /** The row in a list that this request has read. */
  function findKnown<Row extends object, Key>({ list }: EntityDefinition<Row, Key>, key: Key) {
    if (!list) return undefined;
    const rows = known.in(list.definition.nameOf(list.requestOf(key)));
    return rows.find(list.idOf(key)) as Row | undefined;
  }

  /** Each list is read for its own rows. */
  async function loadBatch<Row extends object, Key>(
    entity: EntityDefinition<Row, Key>,
    keys: readonly Key[],
  ) {
    const { list } = entity;
    if (!list) return Promise.all(keys.map((key) => get(entity, key).catch((error: Error) => error)));
    const keysByList = new Map<string, Map<string, Key>>();
    const nameOf = (key: Key) => JSON.stringify(list.requestOf(key));
    for (const key of keys) {
      const name = nameOf(key);
      keysByList.set(name, (keysByList.get(name) ?? new Map<string, Key>()).set(list.idOf(key), key));
    }
    const results = new Map<string, ReadonlyMap<string, Row | null | Error>>();
    await Promise.all(
      Array.from(keysByList, async ([name, keyById]) => {
        const [first] = keyById.values();
        const { definition, isFiltered } = list;
        const fetchPage = pagesOf(definition, list.requestOf(first as Key) as never);
        const { pageSize, idOf } = definition;
        const getById = (id: string) => get(entity, keyById.get(id) as Key);
        // A page that is being read may have the rows.
        await Promise.allSettled(known.in(definition.nameOf(list.requestOf(first as Key))).pending);
        const found = new Map<string, Row>();
        for (const [id, key] of keyById) {
          const row = findKnown(entity, key);
          if (row) found.set(id, row);
        }
        const wanted = new Map([...keyById.keys()].filter((id) => !found.has(id)).map((id) => [id, false]));
        const sources = { list: { fetchPage, pageSize, idOf }, get: getById, isFiltered };
        results.set(name, new Map([...found, ...(await loadRows(wanted, sources, settings))]));
      }),
    );
    return keys.map((key) => results.get(nameOf(key))?.get(list.idOf(key)) ?? null);
  }

  function loaderOf<Row extends object, Key>(entity: EntityDefinition<Row, Key>) {
    const existing = loaders.get(entity);
    if (existing) return existing as unknown as DataLoader<Key, Row | null, string>;
    const loader = new DataLoader<Key, Row | null, string>((keys) => loadBatch(entity, keys), {
      // A key may have other members than the ids.
      cacheKeyFn: (key) => JSON.stringify(entity.requestOf(key)),
    });
    loaders.set(entity, loader as unknown as DataLoader<unknown, object | null, string>);
    return loader;
  }

  return {
    read: (operation, request) => readOnce(operation, request).catch(nullIfMissing),
    readFresh: (operation, request) =>
      session.read(operation, request, { isFresh: true }).catch(nullIfMissing),
    one: async (entity, key) => findKnown(entity, key) ?? loaderOf(entity).load(key),
    page(list, filter, page) {
      const request = createRequest(list.operation, filter);
      const { operation, pageSize, idOf } = list;
      return readConnection(
        { key: [operation, request], fetchPage: pagesOf(list, request), pageSize, idOf },
        page,
      );
    },
    primeOne(entity, key, row) {
      const { list } = entity;
      if (list) known.in(list.definition.nameOf(list.requestOf(key))).add([row], list.definition.idOf);
      else loaderOf(entity).clear(key).prime(key, row);
    },
    clearAll() {
      writes++;
      known.clear();
      outputs.clear();
      loaders.clear();
    },
  };
}

const keyOf = (operation: OperationName, request: unknown): string => JSON.stringify([operation, request]);

export function nullIfMissing(error: unknown): null {
  if (failedWith(error, "NotFound")) return null;
  throw error;
}
