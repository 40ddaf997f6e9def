import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";
import { applicationId, migrations } from "./schema.js";

/** The values that can be bound to a statement. Not a boolean: libsql aborts the whole process on one. */
export type Value = string | number | null;

export interface Query<Row> {
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
  run(...values: Value[]): void;
}

export interface Database {
  prepare<Row>(sql: string): Query<Row>;
  /** Runs statements without values. */
  exec(sql: string): void;
  /**
   * Runs work in one transaction, which is rolled back if it throws.
   * @throws DataFileError if the data file cannot be written
   */
  transaction<Result>(work: () => Result): Result;
  /** Differs after each change of the data, by this connection or another. */
  changes(): string;
  close(): void;
}

/** The data file cannot be used. The message is one line for the user. */
export class DataFileError extends Error {
  constructor(file: string, error: unknown) {
    super(`CHIME_LOCAL_DATA ${file} cannot be used: ${explain(error)}`, { cause: error });
  }
}

/**
 * Opens the data file, and creates it if it doesn't exist. Several processes can have it open: each operation is one
 * transaction, and nothing is kept in memory between two of them.
 * @param file a path, or `:memory:`
 * @throws Error whose message is one line for the user
 */
export function openDatabase(file: string): Database {
  if (file !== ":memory:") createFolder(dirname(file));
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(file);
    // Another process's transaction ends within milliseconds.
    connection.exec("PRAGMA busy_timeout = 5000");
    // Before the first write: the file may belong to another program.
    checkFile(connection);
    useWriteAheadLog(connection);
    migrate(connection);
    return createDatabase(connection, file);
  } catch (error) {
    if (connection?.open) connection.close();
    throw new DataFileError(file, error);
  }
}

/** One by one: below a folder such as /proc, Node 20's `recursive` never returns. */
function createFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  createFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new Error(`CHIME_LOCAL_DATA is in the folder ${folder}, which cannot be created (${reason})`, {
      cause: error,
    });
  }
}

function checkFile(connection: Libsql.Database): void {
  if (isEmpty(connection)) return;
  if (readValue(connection, "PRAGMA application_id") !== applicationId)
    throw new Error("it belongs to another program");
  if (Number(readValue(connection, "PRAGMA user_version")) > migrations.length)
    throw new Error("a newer version of the embedded Chime wrote it");
  // Reads the whole file once: a tenth of a second for 100,000 users.
  if (readValue(connection, "PRAGMA quick_check(1)") !== "ok") throw new Error(reasons[11]);
}

function useWriteAheadLog(connection: Libsql.Database): void {
  // The operating system has each commit before the response is sent: kill -9 loses nothing. A power cut may lose the
  // last commits, never the file; flushing each commit to the disk makes a write seven times as slow.
  connection.exec("PRAGMA journal_mode = WAL");
  connection.exec("PRAGMA synchronous = NORMAL");
  // 64 MiB instead of 2, allocated as the data grows: seeding 100,000 users takes two thirds of the time.
  connection.exec("PRAGMA cache_size = -65536");
  // Temporary tables need no folder that can be written.
  connection.exec("PRAGMA temp_store = MEMORY");
}

function migrate(connection: Libsql.Database): void {
  runTransaction(connection, () => {
    const version = Number(readValue(connection, "PRAGMA user_version"));
    if (version === migrations.length) return;
    for (const script of migrations.slice(version)) connection.exec(script);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function isEmpty(connection: Libsql.Database): boolean {
  return readValue(connection, "SELECT count(*) FROM sqlite_schema") === 0;
}

function readValue(connection: Libsql.Database, sql: string): unknown {
  const [value] = connection.prepare(sql).raw().get() as unknown[];
  return value;
}

function createDatabase(connection: Libsql.Database, file: string): Database {
  return {
    prepare<Row>(sql: string): Query<Row> {
      const statement = connection.prepare(sql);
      return {
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
        run: (...values) => void statement.run(values),
      };
    },
    exec: (sql) => void connection.exec(sql),
    transaction(work) {
      try {
        return runTransaction(connection, work);
      } catch (error) {
        throw isWriteFailure(error) ? new DataFileError(file, error) : error;
      }
    },
    changes() {
      const own = readValue(connection, "SELECT total_changes()");
      return `${own} ${readValue(connection, "PRAGMA data_version")}`;
    },
    close() {
      if (!connection.open) return;
      try {
        // Leaves everything in the one file, to copy or delete.
        connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // On a full disk the commits stay in the file's write-ahead log, where the next start finds them.
      }
      connection.close();
    },
  };
}

/** libsql's own hides why a write failed: SQLite has rolled back by itself, and libsql's ROLLBACK fails. */
function runTransaction<Result>(connection: Libsql.Database, work: () => Result): Result {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

const ioError = 10;
const diskFull = 13;

/** The meaning of SQLite's result codes for a data file. */
const reasons: Readonly<Record<number, string>> = {
  5: "another program has locked it",
  8: "it is read-only",
  [ioError]: "reading or writing it failed",
  11: "it is damaged",
  [diskFull]: "the disk is full",
  26: "it is not an SQLite database",
};

/** The low byte of an extended code is the code itself: libsql has no name for most of the extended ones. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "rawCode" in error ? Number(error.rawCode) & 0xff : undefined;
}

function isWriteFailure(error: unknown): boolean {
  return [ioError, diskFull].includes(resultCode(error) ?? 0);
}

function explain(error: unknown): string {
  const reason = reasons[resultCode(error) ?? 0];
  if (reason) return reason;
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("ConnectionFailed")) return "it cannot be opened for reading and writing";
  return message.split("\n")[0] ?? "";
}
