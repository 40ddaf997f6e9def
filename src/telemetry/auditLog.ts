import { setImmediate } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { createFileOutput, stdoutOutput } from "./auditOutput.js";
import { createKeyedHash } from "./keyedHash.js";

/** The log of writes and reads of secrets, the only one with ids. */
export interface AuditLog {
  /** Whether a write must not be sent unless its intent is recorded. */
  readonly isRequired: boolean;
  /** Stands for an address or a phone number. */
  hash(text: string): string;
  /** Writes a line, and waits until it is written. @returns whether it is */
  write(entry: object): Promise<boolean>;
  close(): Promise<void>;
}

export interface AuditSettings {
  /** `stdout`, or a path. */
  readonly target: string;
  readonly isRequired: boolean;
}

/** Milliseconds that a request waits for its line: a reader or a network file system may have stalled. */
const flushTimeout = 2_000;

/**
 * Lines of one turn of the event loop, and those that come while others are written, are written together. A failure is
 * logged once, until a line is written again.
 *
 * @param count called for each line with whether it was written
 */
export function createAuditLog(
  { target, isRequired }: AuditSettings,
  key: string,
  log: FastifyBaseLogger,
  count: (isWritten: boolean) => void,
): AuditLog {
  const output = target === "stdout" ? stdoutOutput : createFileOutput(target, isRequired);
  let batch: { readonly lines: string[]; readonly written: Promise<void> } | undefined;
  let lastBatch = Promise.resolve();
  /** Whether the last write has not returned in time: then no more lines are queued. */
  let isStalled = false;
  let isFailing = false;
  /** Whether the last line may be cut. */
  let isCut = false;

  function append(line: string): Promise<void> {
    if (isStalled) return Promise.reject(stalled());
    if (batch) {
      batch.lines.push(line);
      return batch.written;
    }
    const lines = [line];
    const written = lastBatch.then(async () => {
      await setImmediate();
      batch = undefined;
      const start = isCut ? "\n" : "";
      isCut = true;
      await output.write(start + lines.join(""));
      isCut = false;
    });
    batch = { lines, written };
    lastBatch = written
      .catch(() => undefined)
      .then(() => {
        isStalled = false;
      });
    return written;
  }

  async function appendInTime(line: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        isStalled = true;
        reject(stalled());
      }, flushTimeout).unref();
    });
    await Promise.race([append(line), timeout]).finally(() => clearTimeout(timer));
  }

  function report(error: NodeJS.ErrnoException | undefined): void {
    count(!error);
    if (Boolean(error) === isFailing) return;
    isFailing = Boolean(error);
    if (!error) log.info("AUDIT_LOG is written again");
    else
      log.error(
        { reason: error.code },
        isRequired
          ? "AUDIT_LOG cannot be written: writes are rejected"
          : "AUDIT_LOG cannot be written: writes continue without audit lines",
      );
  }

  return {
    isRequired,
    hash: createKeyedHash(key),
    async write(entry) {
      try {
        await appendInTime(`${JSON.stringify({ log: "audit", time: Date.now(), ...entry })}\n`);
        report(undefined);
        return true;
      } catch (error) {
        report(error as NodeJS.ErrnoException);
        return false;
      }
    },
    async close() {
      if (!isStalled) await lastBatch;
      await output.close();
    },
  };
}

const stalled = () => Object.assign(new Error("The audit log has stalled."), { code: "ETIMEDOUT" });
