import type { Row } from "./report.js";
import type { Answer, Scene } from "./scene.js";
import { createTargets, type Target, type WriteCase, writesPerBatch } from "./writeCases.js";

/** What the gateway reports of a write, by the payload's `outcome`. */
export type Verdict = "done" | "not done" | "unknown" | "no answer";

/** One write: what was told of it, and what was so. */
export interface WriteResult {
  readonly verdict: Verdict;
  /** How often Chime has done it. */
  readonly happened: number;
  /** How often it has come to Chime; the average where the path does not tell one write from another. */
  readonly arrivals: number;
}

/**
 * Rules for faults after which nobody but Chime knows whether a write was done.
 * @param callTimeout milliseconds that the gateway waits for one answer
 */
export const lossesWith = (callTimeout: number): Readonly<Record<string, object>> => ({
  close: { kind: "close" },
  "reset before": { kind: "reset-before" },
  "reset after": { kind: "reset-after" },
  "truncated answer": { kind: "truncate" },
  "malformed answer": { kind: "malformed" },
  "500": { kind: "500" },
  "502": { kind: "502" },
  "503": { kind: "503" },
  "504": { kind: "504" },
  hang: { kind: "hang" },
  // Done when the gateway has long given up.
  late: { kind: "latency", ms: 2 * callTimeout },
});

let marks = 0;

/**
 * Makes the same write for each target, all at once, and finds out what has become of each.
 * @param rule what strikes them; the faults are over when Chime is asked for the truth
 * @param during what else is broken while they are made
 */
export async function runBatch(
  scene: Scene,
  writeCase: WriteCase,
  targets: readonly Target[],
  rule?: object,
  during: () => Promise<void> = async () => undefined,
): Promise<WriteResult[]> {
  const { chime } = scene;
  const writes = await Promise.all(
    targets.map(async (shared) => {
      marks += 1;
      const mark = `mark-${marks}`;
      const target = (await writeCase.target?.(chime)) ?? shared;
      return { target, mark, before: await writeCase.before?.(chime, target, mark) };
    }),
  );
  if (rule) await scene.faults({ operation: writeCase.operation, ...rule });
  await scene.forgetArrivals();

  const broken = during();
  const verdicts = await Promise.all(
    writes.map(async ({ target, mark }) =>
      verdictOf(await scene.ask(writeCase.mutation, { input: writeCase.input(target, mark) })),
    ),
  );
  await broken;
  const arrivals = (await scene.arrivals()).filter(({ operation }) => operation === writeCase.operation);
  await scene.faults();

  return Promise.all(
    writes.map(async ({ target, mark, before }, index) => {
      const own = arrivals.filter(({ path }) => path.startsWith(`/accounts/${target.accountId}`)).length;
      return {
        verdict: verdicts[index] ?? "no answer",
        happened: await writeCase.happened(chime, target, mark, before),
        arrivals: writeCase.operation === "CreateAccount" ? arrivals.length / writes.length : own,
      };
    }),
  );
}

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

/** Whether what was told is so; of what is unknown, that it has not been done twice. */
export function isTrue({ verdict, happened }: WriteResult): boolean {
  if (verdict === "done") return happened === 1;
  if (verdict === "not done") return happened === 0;
  return verdict === "unknown" && happened <= 1;
}

/** Makes a batch of each kind of write under each of the faults. @param faults rules by their titles */
export async function runBatches(
  scene: Scene,
  cases: readonly WriteCase[],
  faults: Readonly<Record<string, object>>,
): Promise<Batch[]> {
  const targets = await createTargets(scene.chime, writesPerBatch);
  const batches: Batch[] = [];
  for (const writeCase of cases)
    for (const [fault, rule] of Object.entries(faults))
      batches.push({ writeCase, fault, results: await runBatch(scene, writeCase, targets, rule) });
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
    promise: "Every outcome is told truthfully: done, not done or OUTCOME_UNKNOWN",
    figure: `${all.length} writes: ${(["done", "not done", "unknown", "no answer"] as const)
      .map((verdict) => `${countOf(all, verdict)} ${verdict}`)
      .join(", ")}; ${wrong} told wrongly${placesOf(batches)}`,
    ok: wrong === 0,
  };
}

export const countOf = (results: readonly WriteResult[], verdict: Verdict): number =>
  results.filter((result) => result.verdict === verdict).length;

/** The fewest and the most arrivals of a write. */
export function arrivalsOf(results: readonly WriteResult[]): string {
  const numbers = results.map(({ arrivals }) => arrivals).sort((a, b) => a - b);
  const [least = 0, most = 0] = [numbers.at(0), numbers.at(-1)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** Where what was told is not so. */
function placesOf(batches: readonly Batch[]): string {
  const places = batches.flatMap(({ writeCase, fault, results }) => {
    const wrong = results.filter((result) => !isTrue(result)).length;
    return wrong > 0 ? [`${writeCase.title} on ${fault} ${wrong}`] : [];
  });
  return places.length > 0 ? ` (${places.join(", ")})` : "";
}
