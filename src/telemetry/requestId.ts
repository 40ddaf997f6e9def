import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The client's own `x-request-id` if it is safe to log, else a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = String(headers["x-request-id"] ?? "");
  return /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
