import { hash } from "node:crypto";

/** What ids are made for. */
export type IdKind = "account" | "user" | "invite";

/**
 * The id of the nth thing of a kind. Ids follow from counters instead of chance, so that the same requests after a
 * reset give the same ids; they are hashed so that nobody relies on their order.
 */
export function idOf(kind: IdKind | `seeded-${IdKind}`, n: number): string {
  const hex = hash("sha256", `${kind}:${n}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

const pins = 9_000_000_000n;
/** Shares no factor with the number of PINs, so that all of them come up before one comes again. */
const step = 7_368_787_571n;

/** The nth personal meeting PIN: ten digits, the first not 0, no two alike. */
export function pinOf(n: number): string {
  return String(1_000_000_000n + ((BigInt(n) * step) % pins));
}
