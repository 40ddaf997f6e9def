import { createHmac } from "node:crypto";

/** A hash that stands for personal data in logs: only holders of the key can compute it. */
export const createKeyedHash =
  (key: string | Buffer) =>
  (text: string): string =>
    createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
