import type { Answer } from "../support/graphqlClient.js";
import type { Harness } from "../support/harness.js";
import type { Row } from "../support/report.js";
import type { Target, WriteCase } from "./writeCase.js";
import { createTargets, writesPerBatch } from "./writeCases.js";

/** What the gateway reports of a write, by the payload's `outcome`. */
export type Verdict = "done" | "not done" | "unknown" | "no answer";

/** One write: what the gateway reported of it, and what Chime has. */
export interface WriteResult {
  readonly verdict: Verdict;
  /** How often Chime has done it. */
  readonly happened: number;
  /** How often it has arrived at Chime; the average where the path does not identify the write. */
  readonly arrivals: number;
}

/**
 * Fault rules after which only Chime knows whether a write was done.
 * @param callTimeout milliseconds that the gateway waits for one response
 */
export const lossesWith = (callTimeout: number): Readonly<Record<string, object>> => ({
  close: { kind: "close" },
  "reset before": { kind: "reset-before" },
  "reset after": { kind: "reset-after" },
  "truncated response": { kind: "truncate" },
  "malformed response": { kind: "malformed" },
  "500": { kind: "500" },
  "502": { kind: "502" },
  "503": { kind: "503" },
  "504": { kind: "504" },
  hang: { kind: "hang" },
  // Done after the gateway has stopped waiting for the response, and before the write's deadline.
  late: { kind: "latency", ms: Math.round(1.3 * callTimeout) },
});

let marks = 0;

/** One write of a batch. No other write of the batch has its target. */
export interface Write {
  readonly writeCase: WriteCase;
  readonly target: Target;
}

/**
 * Sends writes, all at once, and reads from Chime what has become of each.
 * @param rule a fault rule for the operations of the writes; it is removed before Chime is asked for the truth
 * @param during what else happens meanwhile
 */
export async function runBatch(
  harness: Harness,
  batch: readonly Write[],
  { rule, during = async () => undefined }: { rule?: object; during?: () => Promise<void> } = {},
): Promise<WriteResult[]> {
  const { chime } = harness;
  const writes = await Promise.all(
    batch.map(async ({ writeCase, target: shared }) => {
      marks += 1;
      const mark = `mark-${marks}`;
      const target = (await writeCase.target?.(chime)) ?? shared;
      return { writeCase, target, mark, before: await writeCase.before?.(chime, target, mark) };
    }),
  );
  const operations = new Set(batch.map(({ writeCase }) => writeCase.operation));
  if (rule) await harness.setFaults(...[...operations].map((operation) => ({ operation, ...rule })));
  await harness.forgetCalls();

  const broken = during();
  const verdicts = await Promise.all(
    writes.map(async ({ writeCase, target, mark }) =>
      verdictOf(await harness.tryAsk(writeCase.mutation, { input: writeCase.input(target, mark) })),
    ),
  );
  await broken;
  const allArrivals = await harness.endedArrivals();
  await harness.setFaults();

  return Promise.all(
    writes.map(async ({ writeCase, target, mark, before }, index) => {
      const arrivals = allArrivals.filter(({ operation }) => operation === writeCase.operation);
      const start = (writeCase.path ?? pathOf)(target);
      const own = arrivals.filter(({ path }) => start !== undefined && path.startsWith(start));
      const sameCase = writes.filter((write) => write.writeCase === writeCase);
      return {
        verdict: verdicts[index] ?? "no answer",
        happened: await writeCase.happened(chime, target, mark, before),
        arrivals: start === undefined ? arrivals.length / sameCase.length : own.length,
      };
    }),
  );
}

const pathOf = ({ accountId, roomId }: Target): string =>
  `/accounts/${accountId}${roomId === undefined ? "" : `/rooms/${roomId}`}`;

const verdictByOutcome: Readonly<Record<string, Verdict>> = {
  DONE: "done",
  NOT_DONE: "not done",
  UNKNOWN: "unknown",
};

/** A null payload, or a refused request, means that the write was not done. */
export function verdictOf({ data, errors }: Answer): Verdict {
  if (data?.write) return verdictByOutcome[data.write.outcome] ?? "no answer";
  return errors ? "not done" : "no answer";
}

/** Whether the report is true; of an unknown write, that it was not done twice. */
export function isTrue({ verdict, happened }: WriteResult): boolean {
  if (verdict === "done") return happened === 1;
  if (verdict === "not done") return happened === 0;
  return verdict === "unknown" && happened <= 1;
}

/** Whether it was sent no more often than it may be. */
export const isSentOnce = ({ maxArrivals = 1 }: WriteCase, { arrivals }: WriteResult): boolean =>
  arrivals <= maxArrivals;

/** Runs a batch of each kind of write under each fault. @param faults rules by their titles */
export async function runBatches(
  harness: Harness,
  cases: readonly WriteCase[],
  faults: Readonly<Record<string, object>>,
): Promise<Batch[]> {
  const targets = await createTargets(harness.chime, writesPerBatch);
  const batches: Batch[] = [];
  for (const writeCase of cases)
    for (const [fault, rule] of Object.entries(faults)) {
      const writes = targets.map((target) => ({ writeCase, target }));
      batches.push({ writeCase, fault, results: await runBatch(harness, writes, { rule }) });
    }
  return batches;
}

/** One kind of write under one kind of fault. */
export interface Batch {
  readonly writeCase: WriteCase;
  readonly fault: string;
  readonly results: readonly WriteResult[];
}

export function truthRow(batches: readonly Batch[]): Row {
  const all = batches.flatMap(({ results }) => results);
  const wrong = all.filter((result) => !isTrue(result)).length;
  return {
    promise: "Each write is reported correctly: done, not done or OUTCOME_UNKNOWN",
    figure: `${all.length} writes: ${(["done", "not done", "unknown", "no answer"] as const)
      .map((verdict) => `${countOf(all, verdict)} ${verdict}`)
      .join(", ")}; ${wrong} reported wrongly${placesOf(batches)}`,
    ok: wrong === 0,
  };
}

export const countOf = (results: readonly WriteResult[], verdict: Verdict): number =>
  results.filter((result) => result.verdict === verdict).length;

/** The least and the most arrivals of a write. */
export function arrivalsOf(results: readonly WriteResult[]): string {
  const numbers = results.map(({ arrivals }) => arrivals).sort((a, b) => a - b);
  const [least = 0, most = 0] = [numbers.at(0), numbers.at(-1)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** Where the report is wrong. */
function placesOf(batches: readonly Batch[]): string {
  const places = batches.flatMap(({ writeCase, fault, results }) => {
    const wrong = results.filter((result) => !isTrue(result)).length;
    return wrong > 0 ? [`${writeCase.title} on ${fault} ${wrong}`] : [];
  });
  return places.length > 0 ? ` (${places.join(", ")})` : "";
}
