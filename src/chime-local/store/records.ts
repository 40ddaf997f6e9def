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
  /** Those of all owners with a value of one member, in the order of creation. Needs an index for the member: see schema.ts. */
  listBy(member: keyof Body & string, value: string, afterSeq: number, limit: number): ListedRecord<Body>[];
  count(owner: string): number;
  /** Inserts a record, or replaces its body. */
  save(owner: string, id: string, body: Body): void;
  remove(owner: string, id: string): void;
}

export type Records = ReturnType<typeof createRecords>;

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
  recordCount: "SELECT count(*) AS count FROM records WHERE kind = ? AND owner = ?",
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
  const count = database.prepare<{ count: number }>(recordQueries.recordCount);
  const upsert = database.prepare(
    `INSERT INTO records (kind, owner, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, owner, id) DO UPDATE SET body = excluded.body`,
  );
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND owner = ? AND id = ?");
  const removeAll = database.prepare("DELETE FROM records WHERE owner = ?");

  const pagesBy = new Map<string, Query<Row>>();
  const pageBy = (sql: string): Query<Row> => {
    const query = pagesBy.get(sql) ?? database.prepare<Row>(sql);
    pagesBy.set(sql, query);
    return query;
  };
  const revive = <Body>(rows: Row[]): ListedRecord<Body>[] =>
    rows.map((row) => ({ ...row, body: parse<Body>(row.body) }));

  return {
    collection: <Body extends object>(kind: string): Collection<Body> => ({
      find: (owner, id) => read(one.get(kind, owner, id)),
      findById: (id) => read(oneById.get(kind, id)),
      list: (owner, afterSeq = 0, limit = -1) => revive(page.all(kind, owner, afterSeq, limit)),
      listBy: (member, value, afterSeq, limit) =>
        revive(pageBy(recordsBy(kind, member)).all(value, afterSeq, limit)),
      count: (owner) => count.get(kind, owner)?.count ?? 0,
      save: (owner, id, body) => upsert.run(kind, owner, id, JSON.stringify(body)),
      remove: (owner, id) => remove.run(kind, owner, id),
    }),
    /** Removes an owner's records of all kinds. */
    removeRecordsOf: (owner: string): void => removeAll.run(owner),
  };
}

const read = <Body>(row: { body: string } | undefined): Body | undefined => row && parse<Body>(row.body);

const parse = <Body>(json: string): Body =>
  JSON.parse(json, (name, value) =>
    name.endsWith("Timestamp") && typeof value === "string" ? new Date(value) : value,
  );
