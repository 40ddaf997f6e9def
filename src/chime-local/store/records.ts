import type { Database, Query } from "./database.js";

/** A record's position in a listing. */
export interface ListedRecord<Body> {
  readonly id: string;
  readonly body: Body;
  readonly seq: number;
}

/** The records of one kind. Each belongs to an owner, such as an account; that of the AWS account itself is `""`. */
export interface Collection<Body extends object> {
  find(owner: string, id: string): Body | undefined;
  /** Regardless of its owner. */
  findById(id: string): Body | undefined;
  /** In the order of creation. */
  list(owner: string, afterSeq?: number, limit?: number): ListedRecord<Body>[];
  /** The same, of those that own a record of another kind with this id: the rooms of a member, for example. */
  listOwnersOf(part: RecordKey, owner: string, afterSeq: number, limit: number): ListedRecord<Body>[];
  /** Regardless of their owners, in the order of creation. */
  listAll(): ListedRecord<Body>[];
  /** Those of all owners with a value of a member, in the order of creation. The member needs an index: see schema.ts. */
  listBy(member: keyof Body & string, value: string, afterSeq: number, limit: number): ListedRecord<Body>[];
  count(owner: string): number;
  /** The number of owners that have a record with this id. */
  countById(id: string): number;
  /** Inserts a record, or replaces its body. */
  save(owner: string, id: string, body: Body): void;
  remove(owner: string, id: string): void;
  /** Removes all records of an owner. */
  removeAll(owner: string): void;
}

export interface RecordKey {
  readonly kind: string;
  readonly id: string;
}

type Row = ListedRecord<string>;

/** The index is for one kind, which must therefore be part of the statement. */
const recordsBy = (kind: string, member: string): string =>
  `SELECT id, body, seq FROM records WHERE kind = '${kind}' AND body ->> '$.${member}' = ? AND seq > ?
   ORDER BY seq LIMIT ?`;

/** Exported for a test that asks SQLite for their plans. */
export const recordQueries = {
  record: "SELECT body FROM records WHERE kind = ? AND owner = ? AND id = ?",
  recordById: "SELECT body FROM records WHERE kind = ? AND id = ?",
  records: "SELECT id, body, seq FROM records WHERE kind = ? AND owner = ? AND seq > ? ORDER BY seq LIMIT ?",
  ownerRecords: `SELECT id, body, seq FROM records AS owners WHERE kind = ? AND owner = ? AND seq > ?
    AND EXISTS (SELECT 1 FROM records WHERE kind = ? AND owner = owners.id AND id = ?) ORDER BY seq LIMIT ?`,
  allRecords: "SELECT id, body, seq FROM records WHERE kind = ?",
  recordCount: "SELECT count(*) AS count FROM records WHERE kind = ? AND owner = ?",
  recordCountById: "SELECT count(*) AS count FROM records WHERE kind = ? AND id = ?",
  numbersByAccount: recordsBy("phoneNumber", "AccountId"),
  numbersByUser: recordsBy("phoneNumber", "UserId"),
  numbersByVoiceConnector: recordsBy("phoneNumber", "VoiceConnectorId"),
  numbersByStatus: recordsBy("phoneNumber", "Status"),
  numbersByProductType: recordsBy("phoneNumber", "ProductType"),
};

/** Bodies are JSON, in which members whose names end in Timestamp are dates. */
export function createRecords(database: Database) {
  const one = database.prepare<{ body: string }>(recordQueries.record);
  const oneById = database.prepare<{ body: string }>(recordQueries.recordById);
  const page = database.prepare<Row>(recordQueries.records);
  const pageOfOwners = database.prepare<Row>(recordQueries.ownerRecords);
  const all = database.prepare<Row>(recordQueries.allRecords);
  const count = database.prepare<{ count: number }>(recordQueries.recordCount);
  const countById = database.prepare<{ count: number }>(recordQueries.recordCountById);
  const upsert = database.prepare(
    `INSERT INTO records (kind, owner, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, owner, id) DO UPDATE SET body = excluded.body`,
  );
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND owner = ? AND id = ?");
  const removeKind = database.prepare("DELETE FROM records WHERE kind = ? AND owner = ?");
  const removeAll = database.prepare("DELETE FROM records WHERE owner = ?");

  const pagesBy = new Map<string, Query<Row>>();
  const pageBy = (sql: string): Query<Row> => {
    const query = pagesBy.get(sql) ?? database.prepare<Row>(sql);
    pagesBy.set(sql, query);
    return query;
  };

  return {
    collection: <Body extends object>(kind: string): Collection<Body> => ({
      find: (owner, id) => read(one.get(kind, owner, id)),
      findById: (id) => read(oneById.get(kind, id)),
      list: (owner, afterSeq = 0, limit = -1) => readRows(page.all(kind, owner, afterSeq, limit)),
      listOwnersOf: (part, owner, afterSeq, limit) =>
        readRows(pageOfOwners.all(kind, owner, afterSeq, part.kind, part.id, limit)),
      listAll: () => readRows<Body>(all.all(kind)).toSorted((a, b) => a.seq - b.seq),
      listBy: (member, value, afterSeq, limit) =>
        readRows(pageBy(recordsBy(kind, member)).all(value, afterSeq, limit)),
      count: (owner) => count.get(kind, owner)?.count ?? 0,
      countById: (id) => countById.get(kind, id)?.count ?? 0,
      save: (owner, id, body) => upsert.run(kind, owner, id, JSON.stringify(body)),
      remove: (owner, id) => remove.run(kind, owner, id),
      removeAll: (owner) => removeKind.run(kind, owner),
    }),
    /** Removes an owner's records of all kinds. */
    removeRecordsOf: (owner: string): void => removeAll.run(owner),
  };
}

const read = <Body>(row: { body: string } | undefined): Body | undefined => row && parse<Body>(row.body);

const readRows = <Body>(rows: readonly Row[]): ListedRecord<Body>[] =>
  rows.map((row) => ({ ...row, body: parse<Body>(row.body) }));

const parse = <Body>(json: string): Body =>
  JSON.parse(json, (name, value) =>
    name.endsWith("Timestamp") && typeof value === "string" ? new Date(value) : value,
  );
