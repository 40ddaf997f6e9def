import { setTimeout as sleep } from "node:timers/promises";
import { arrivalsOf, type Batch, countOf, runBatch, runBatches, truthRow } from "./batch.js";
import { throttledBulkWrites } from "./bulk.js";
import { createGate } from "./gate.js";
import { startChime, startGatewayOn } from "./processes.js";
import { percent, type Row } from "./report.js";
import { createScene, onGateway } from "./scene.js";
import { createTargets, writeCases, writesPerBatch } from "./writeCases.js";

/** Writes that certainly were not done, and are sent again. The parts run side by side, each with a Chime of its own. */
export async function resends(): Promise<Row[]> {
  const [throttled, refused, bulk] = await Promise.all([
    throttledWrites(),
    refusedWrites(),
    throttledBulkWrites(),
  ]);
  return [...rowsOf([...throttled, ...refused]), ...bulk];
}

/** As a service throttles: most of a batch that comes at once. */
const throttle = { kind: "throttle", perSecond: 40, burst: 10 };

const throttledWrites = (): Promise<Batch[]> =>
  onGateway({}, (scene) => runBatches(scene, writeCases, { "429": throttle }));

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
      const results = await runBatch(scene, writeCase, targets, undefined, () => sleep(50).then(gate.open));
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

function rowsOf(batches: readonly Batch[]): Row[] {
  const of = (name: string) =>
    batches.filter(({ fault }) => fault === name).flatMap(({ results }) => results);
  const throttled = of("429");
  const refused = of("refused");
  const returned = of("refused at first");
  return [
    {
      promise: "A write that is throttled is sent again and done once",
      figure: `${countOf(throttled, "done")} of ${throttled.length} done, ${arrivalsOf(throttled)} arrivals each`,
      ok:
        throttled.every(({ verdict, happened }) => verdict === "done" && happened === 1) &&
        throttled.some(({ arrivals }) => arrivals > 1),
    },
    {
      promise: "A write to a Chime that refuses connections is told as not done",
      figure: `${countOf(refused, "not done")} of ${refused.length}, ${arrivalsOf(refused)} arrivals each`,
      ok: refused.every(({ verdict, happened }) => verdict === "not done" && happened === 0),
    },
    {
      promise: "A write to a Chime that is back after 50 ms is sent again and done once, 95 % of them",
      figure: `${percent(countOf(returned, "done"), returned.length)} done, ${arrivalsOf(returned)} arrivals each`,
      ok:
        countOf(returned, "done") >= 0.95 * returned.length &&
        returned.every(({ arrivals }) => arrivals <= 1),
    },
    truthRow(batches),
  ];
}
