import { setTimeout as sleep } from "node:timers/promises";
import { isTrue, lossesWith, runBatch, type Verdict, type WriteResult } from "./batch.js";
import { bulkWrites } from "./bulk.js";
import { createGate } from "./gate.js";
import { startChime, startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";
import { percent } from "./report.js";
import { createScene } from "./scene.js";
import { createTargets, createUserByEmail, type WriteCase, writeCases } from "./write-cases.js";

/** Milliseconds that the gateway waits for one answer of Chime's. */
const callTimeout = 300;
/** With 10 operations and 14 faults, 10,080 writes. */
const writesPerBatch = 72;

const losses = lossesWith(callTimeout);
/** A gateway that soon takes an answer for lost. */
const hasty = { CHIME_CALL_TIMEOUT_MS: String(callTimeout), WRITE_DEADLINE_MS: "2500" };

interface Batch {
  readonly writeCase: WriteCase;
  readonly fault: string;
  readonly results: readonly WriteResult[];
}

/** Most of it is waiting: parts run side by side, each with a Chime of its own. */
export async function writes(): Promise<Row[]> {
  const others = writeCases.filter((writeCase) => writeCase !== createUserByEmail);
  const lost = await Promise.all([lostWrites([createUserByEmail]), lostWrites(others)]);
  const [throttled, refused, bulk] = await Promise.all([
    throttledWrites(),
    refusedWrites(),
    bulkWrites(hasty),
  ]);
  return [...writeRows([...lost.flat(), ...throttled, ...refused]), ...bulk];
}

async function lostWrites(cases: readonly WriteCase[]): Promise<Batch[]> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, hasty);
  const scene = createScene(gateway);
  try {
    const targets = await createTargets(scene.chime, writesPerBatch);
    const batches: Batch[] = [];
    for (const writeCase of cases)
      for (const [fault, rule] of Object.entries(losses)) {
        await scene.faults({ operation: writeCase.operation, ...rule });
        batches.push({ writeCase, fault, results: await runBatch(scene, writeCase, targets) });
      }
    return batches;
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}

/** As a service throttles: most of a batch that comes at once. */
const throttle = { kind: "throttle", perSecond: 40, burst: 10 };

async function throttledWrites(): Promise<Batch[]> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url);
  const scene = createScene(gateway);
  try {
    const targets = await createTargets(scene.chime, writesPerBatch);
    const batches: Batch[] = [];
    for (const writeCase of writeCases) {
      await scene.faults({ operation: writeCase.operation, ...throttle });
      batches.push({ writeCase, fault: "429", results: await runBatch(scene, writeCase, targets) });
    }
    return batches;
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}

async function refusedWrites(): Promise<Batch[]> {
  const chime = await startChime();
  const gate = await createGate(chime.url);
  const gateway = await startGatewayOn(gate.url);
  const scene = createScene({ url: gateway.url, chimeUrl: chime.url });
  const shut = async () => {
    await gate.shut();
    // Until the gateway has seen its idle connections end.
    await sleep(100);
  };
  try {
    const targets = await createTargets(scene.chime, writesPerBatch);
    const batches: Batch[] = [];
    for (const writeCase of writeCases) {
      await shut();
      const results = await runBatch(scene, writeCase, targets, () => sleep(50).then(gate.open));
      batches.push({ writeCase, fault: "refused at first", results });
    }
    // The last, since after much that was in vain the SDK does not try again for a while.
    await shut();
    for (const writeCase of writeCases)
      batches.push({ writeCase, fault: "refused", results: await runBatch(scene, writeCase, targets) });
    return batches;
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
    await gate.shut();
  }
}

function writeRows(batches: readonly Batch[]): Row[] {
  const of = (...faults: string[]) =>
    batches.filter(({ fault }) => faults.includes(fault)).flatMap(({ results }) => results);
  const lost = of(...Object.keys(losses));
  const throttled = of("429");
  const refused = of("refused");
  const returned = of("refused at first");
  const all = batches.flatMap(({ results }) => results);
  const wrong = all.filter((result) => !isTrue(result)).length;
  const users = batches
    .filter(({ writeCase, fault }) => writeCase === createUserByEmail && Object.hasOwn(losses, fault))
    .flatMap(({ results }) => results);
  const resolved = users.filter(({ verdict }) => verdict !== "unknown").length;

  return [
    {
      promise: "A write whose answer is lost is sent once: 10 operations, 11 faults",
      figure: `${lost.length} writes, ${spread(lost)} arrivals each`,
      ok: lost.every(({ arrivals }) => arrivals <= 1),
    },
    {
      promise: "A write that is throttled is sent again and done once",
      figure: `${count(throttled, "done")} of ${throttled.length} done, ${spread(throttled)} arrivals each`,
      ok:
        throttled.every(({ verdict, happened }) => verdict === "done" && happened === 1) &&
        throttled.some(({ arrivals }) => arrivals > 1),
    },
    {
      promise: "A write to a Chime that refuses connections is told as not done",
      figure: `${count(refused, "not done")} of ${refused.length}, ${spread(refused)} arrivals each`,
      ok: refused.every(({ verdict, happened }) => verdict === "not done" && happened === 0),
    },
    {
      promise: "A write to a Chime that is back after 50 ms is sent again and done once, 95 % of them",
      figure: `${percent(count(returned, "done"), returned.length)} done, ${spread(returned)} arrivals each`,
      ok:
        count(returned, "done") >= 0.95 * returned.length && returned.every(({ arrivals }) => arrivals <= 1),
    },
    {
      promise: "Every outcome is told truthfully: done, not done or OUTCOME_UNKNOWN",
      figure: `${all.length} writes: ${(["done", "not done", "unknown", "no answer"] as const)
        .map((verdict) => `${count(all, verdict)} ${verdict}`)
        .join(", ")}; ${wrong} told wrongly${placesOf(batches)}`,
      ok: wrong === 0,
    },
    {
      promise: "A CreateUser with an address whose answer is lost is resolved, 95 % of them",
      figure: `${percent(resolved, users.length)}; of those that were done ${shareResolved(users, 1)}, of the others ${shareResolved(users, 0)}; ${users.filter((user) => !isTrue(user)).length} wrong`,
      ok: resolved >= 0.95 * users.length && users.every(isTrue),
    },
  ];
}

const count = (results: readonly WriteResult[], verdict: Verdict): number =>
  results.filter((result) => result.verdict === verdict).length;

/** The fewest and the most arrivals of a write. */
function spread(results: readonly WriteResult[]): string {
  const numbers = results.map(({ arrivals }) => arrivals).sort((a, b) => a - b);
  const [least = 0, most = 0] = [numbers.at(0), numbers.at(-1)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

function shareResolved(users: readonly WriteResult[], happened: number): string {
  const some = users.filter((user) => user.happened === happened);
  return percent(some.filter(({ verdict }) => verdict !== "unknown").length, some.length);
}

/** Where what was told is not so. */
function placesOf(batches: readonly Batch[]): string {
  const places = batches.flatMap(({ writeCase, fault, results }) => {
    const wrong = results.filter((result) => !isTrue(result)).length;
    return wrong > 0 ? [`${writeCase.title} on ${fault} ${wrong}`] : [];
  });
  return places.length > 0 ? ` (${places.join(", ")})` : "";
}
