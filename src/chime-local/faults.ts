import { performance } from "node:perf_hooks";
import { z } from "zod";
import { operations } from "./wireFormat.js";

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
  /** Answers Throttled to what comes faster than `perSecond`, beyond `burst` at once. Nothing is done. */
  "throttle",
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
    /** Requests that a throttle rule lets through a second, all that it matches counted together. */
    perSecond: z.number().positive().max(1_000_000).optional(),
    /** So many at once after a quiet time; as many as a second's if not given, and at least one. */
    burst: z.int().min(1).optional(),
  })
  .refine(({ kind, ms }) => (kind === "latency") === (ms !== undefined), {
    path: ["ms"],
    error: "belongs to latency rules, and to them alone",
  })
  .refine(({ kind, perSecond }) => (kind === "throttle") === (perSecond !== undefined), {
    path: ["perSecond"],
    error: "belongs to throttle rules, and to them alone",
  })
  .refine(({ kind, burst }) => kind === "throttle" || burst === undefined, {
    path: ["burst"],
    error: "belongs to throttle rules alone",
  })
  .refine(({ kind, next, probability }) => kind !== "throttle" || (next ?? probability) === undefined, {
    path: ["kind"],
    error: "throttle strikes by rate: neither next nor probability can be given",
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
  let faults: { rule: ActiveFault; isTurn: () => boolean }[] = [];

  return {
    add(rules) {
      const active = rules.map((rule) => ({ ...rule, struck: 0 }));
      faults = [...faults, ...active.map((rule) => ({ rule, isTurn: createTurn(rule) }))];
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
      const latency = matches.find((fault) => fault.rule.kind === "latency" && fault.isTurn())?.rule;
      const other = matches.find((fault) => fault.rule.kind !== "latency" && fault.isTurn())?.rule;
      if (latency) latency.struck += 1;
      if (other) other.struck += 1;
      return { ...(latency && { latency }), ...(other && { other }) };
    },
  };
}

/** Tells of each request that a rule matches whether the rule strikes it. */
function createTurn(rule: ActiveFault): () => boolean {
  const { next, probability, perSecond, burst, seed = 1 } = rule;
  if (perSecond !== undefined) {
    const bucket = createBucket(perSecond, burst ?? Math.max(1, perSecond));
    return () => !bucket();
  }
  if (next !== undefined) return () => rule.struck < next;
  if (probability === undefined) return () => true;
  const random = createRandom(seed);
  return () => random() < probability;
}

/** A token bucket, full at first: true for as long as it has a token to give. */
function createBucket(perSecond: number, capacity: number): () => boolean {
  let tokens = capacity;
  let filledAt = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(capacity, tokens + ((now - filledAt) * perSecond) / 1000);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
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
