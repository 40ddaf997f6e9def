import { z } from "zod";
import { operations } from "./protocol.js";

const kinds = [
  /** The answer comes `ms` milliseconds late; combines with another fault. */
  "latency",
  /** Answers of Chime's own: Throttled, ServiceFailure, ServiceUnavailable. Nothing is done. */
  "429",
  "500",
  "503",
  /** Answers of a proxy in front of Chime: an HTML page, and no error type. Nothing is done. */
  "502",
  "504",
  /** The connection is reset (RST) after the whole request has come in: before, or after, the work is done. */
  "reset-before",
  "reset-after",
  /** The connection is closed (FIN) without an answer, before the work. */
  "close",
  /** No answer comes, and nothing is done. */
  "hang",
  /** The work is done, but the connection ends half-way through the answer's body. */
  "truncate",
  /** The work is done, and the answer's body is half of its JSON. */
  "malformed",
] as const;

const operationNames = new Set(["*", ...operations.map(({ name }) => name)]);

/** A rule as callers give it. Without `next` and `probability` it strikes every request that it matches. */
export const faultRule = z
  .strictObject({
    operation: z
      .string()
      .refine((name) => operationNames.has(name), "must be the name of an operation, or *")
      .default("*"),
    kind: z.enum(kinds),
    /** A part of the request's path or query, such as a user's id. */
    path: z.string().min(1).optional(),
    /** Strikes the first so many requests that it matches, then never again. */
    next: z.int().min(1).optional(),
    /** Strikes this share of the requests that it matches. */
    probability: z.number().min(0).max(1).optional(),
    /** Rules with the same seed and probability strike in the same pattern. */
    seed: z.int().optional(),
    ms: z.number().min(0).max(600_000).optional(),
  })
  .refine(({ kind, ms }) => (kind === "latency") === (ms !== undefined), {
    path: ["ms"],
    error: "belongs to latency rules, and to them alone",
  })
  .refine(({ next, probability }) => next === undefined || probability === undefined, {
    path: ["probability"],
    error: "can't be combined with next",
  });

export type FaultRule = z.infer<typeof faultRule>;
export type FaultKind = FaultRule["kind"];

/** A rule and how often it has struck. */
export type ActiveFault = FaultRule & { struck: number };

export interface Faults {
  add(rules: readonly FaultRule[]): void;
  list(): ActiveFault[];
  clear(): void;
  /**
   * What strikes a request: of the rules that match it and whose turn it is, the first latency and the first other one.
   * @param target the request's path and query
   */
  strike(operation: string, target: string): { latency?: ActiveFault; other?: ActiveFault };
}

export function createFaults(): Faults {
  let faults: { rule: ActiveFault; random: () => number }[] = [];

  const isTurn = ({ rule, random }: (typeof faults)[number]): boolean => {
    if (rule.next !== undefined) return rule.struck < rule.next;
    return rule.probability === undefined || random() < rule.probability;
  };

  return {
    add(rules) {
      faults = [
        ...faults,
        ...rules.map((rule) => ({ rule: { ...rule, struck: 0 }, random: createRandom(rule.seed ?? 1) })),
      ];
    },
    list: () => faults.map(({ rule }) => rule),
    clear() {
      faults = [];
    },
    strike(operation, target) {
      const matches = faults.filter(
        ({ rule }) =>
          (rule.operation === "*" || rule.operation === operation) &&
          (rule.path === undefined || target.includes(rule.path)),
      );
      const latency = matches.find((fault) => fault.rule.kind === "latency" && isTurn(fault))?.rule;
      const other = matches.find((fault) => fault.rule.kind !== "latency" && isTurn(fault))?.rule;
      if (latency) latency.struck += 1;
      if (other) other.struck += 1;
      return { ...(latency && { latency }), ...(other && { other }) };
    },
  };
}

/** Mulberry32: numbers from 0 up to 1 that follow from the seed. Math.random can't be seeded. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
