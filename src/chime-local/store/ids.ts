import { hash } from "node:crypto";

export type IdKind =
  | "account"
  | "user"
  | "invite"
  | "room"
  | "message"
  | "conversation"
  | "bot"
  | "order"
  | "transaction";

/**
 * The nth id of a kind. Ids follow from counters, not from chance, so that the same requests after a reset give the same
 * ids; they are hashed so that callers cannot rely on their order.
 */
export function idOf(kind: IdKind | `seeded-${IdKind}`, n: number): string {
  const hex = hash("sha256", `${kind}:${n}`);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
}

const pins = 9_000_000_000n;
/** Shares no factor with the number of PINs, so that every PIN is used before one is repeated. */
const step = 7_368_787_571n;

/** The nth personal meeting PIN: ten digits, the first not 0, no two alike. */
export function pinOf(n: number): string {
  return String(1_000_000_000n + ((BigInt(n) * step) % pins));
}

/** The nth security token of a bot: 40 characters of base64. */
export function securityTokenOf(kind: "bot" | "seeded-bot", n: number): string {
  return hash("sha256", `${kind}-token:${n}`, "base64").slice(0, 40);
}
