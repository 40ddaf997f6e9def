import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

export interface AuditOutput {
  /** Resolves when the text is written in whole. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

export const stdoutOutput: AuditOutput = {
  write: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    }),
  close: async () => undefined,
};

/** The flags of `a`, and no wait for the reader of a named pipe. */
const appending = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;

/** Only the gateway's user writes; its group may read, for programs that collect logs. */
const openFile = (path: string): Promise<FileHandle> => open(path, appending, 0o640);

/**
 * Appends to a file, and opens it again after it was renamed or removed. One that was truncated needs nothing: the system
 * appends at the current end.
 *
 * @param isSynced whether to wait until a file's text is on the disk, where it survives the end of the machine
 */
export function createFileOutput(path: string, isSynced: boolean): AuditOutput {
  let file: FileHandle | undefined;
  /** Whether each write is synced: a named pipe or a character device cannot be. */
  let syncsWrites = false;

  async function close(): Promise<void> {
    const closed = file;
    file = undefined;
    await closed?.close();
  }

  return {
    async write(text) {
      try {
        if (file && !(await isSameFile(path, file))) await close();
        if (!file) {
          file = await openFile(path);
          syncsWrites = isSynced && (await file.stat()).isFile();
        }
        await file.appendFile(text);
        if (syncsWrites) await file.datasync();
      } catch (error) {
        // The next attempt starts afresh: a network file system may have lost the file.
        await close().catch(() => undefined);
        throw error;
      }
    },
    close,
  };
}

async function isSameFile(path: string, file: FileHandle): Promise<boolean> {
  const [named, opened] = await Promise.all([statIfExists(path), file.stat()]);
  return named !== undefined && named.ino === opened.ino && named.dev === opened.dev;
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Why a file cannot be appended to, as an error code of the system. Creates the file. */
export async function findFileProblem(path: string): Promise<string | undefined> {
  try {
    await (await openFile(path)).close();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
