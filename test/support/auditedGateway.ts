import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createKeyedHash } from "../../src/telemetry/keyedHash.js";
import { type Answer, ask, startOn } from "./fixture.js";
import type { Harness } from "./harness.js";

export const logKey = "0123456789abcdef";

/** How an address or a phone number is written in the audit log. */
export const hashed = (text: string): string => `hmac:${createKeyedHash(logKey)(text)}`;

/** A line of the audit log, without its time. */
export type AuditLine = Record<string, unknown>;

/** The lines of a file, without their times. */
export const linesIn = (file: string): AuditLine[] =>
  (existsSync(file) ? readFileSync(file, "utf8") : "")
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const { time, ...rest } = JSON.parse(line) as AuditLine;
      if (typeof time !== "number") throw new Error(`The line has no time: ${line}`);
      return rest;
    });

export interface AuditedGateway {
  readonly url: string;
  readonly folder: string;
  readonly file: string;
  /** Sends an operation, and returns the response and the lines that are there when it arrives. */
  audit(
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ): Promise<{ answer: Answer; lines: AuditLine[] }>;
}

/** Starts a gateway that writes its audit log to a file, for one test. */
export async function startAudited(
  { chimeUrl }: Pick<Harness, "chimeUrl">,
  env: Record<string, string> = {},
): Promise<AuditedGateway> {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  const file = join(folder, "audit.log");
  const { url, close } = await startOn(chimeUrl, { AUDIT_LOG: file, LOG_KEY: logKey, ...env });
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  let seen = 0;
  return {
    url,
    folder,
    file,
    async audit(query, variables, headers) {
      const answer = await ask(url, { query, variables }, headers);
      const all = linesIn(file);
      const lines = all.slice(seen);
      seen = all.length;
      return { answer, lines };
    },
  };
}
