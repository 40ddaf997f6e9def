import { setTimeout as sleep } from "node:timers/promises";
import { createHarness, onGateway } from "../support/harness.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import { percent, type Row } from "../support/report.js";
import { startTcpProxy } from "../support/tcpProxy.js";
import { arrivalsOf, type Batch, countOf, runBatch, runBatches, truthRow } from "./batch.js";
import { throttledBulkWrites } from "./bulk.js";
import type { WriteCase } from "./writeCase.js";
import { createTargets, writeCases, writesPerBatch } from "./writeCases.js";

/** Writes that were certainly not done, and are sent again. The parts run side by side, each with a Chime of its own. */
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
  onGateway({}, (harness) => runBatches(harness, writeCases, { "429": throttle }));

async function refusedWrites(): Promise<Batch[]> {
  const chime = await startChime();
  const proxy = await startTcpProxy(chime.url);
  const gateway = await startGatewayOn(proxy.url);
  const harness = createHarness({ url: gateway.url, chimeUrl: chime.url });
  const refuse = async () => {
    await proxy.refuse();
    // Until the gateway has seen its idle connections end.
    await sleep(100);
  };
  try {
    const targets = await createTargets(harness.chime, writesPerBatch);
    const writesOf = (writeCase: WriteCase) => targets.map((target) => ({ writeCase, target }));
    const batches: Batch[] = [];
    for (const writeCase of writeCases) {
      await refuse();
      const during = () => sleep(50).then(proxy.accept);
      const results = await runBatch(harness, writesOf(writeCase), { during });
      batches.push({ writeCase, fault: "refused at first", results });
    }
    // These come last, since after many failures the SDK does not retry for a while.
    await refuse();
    for (const writeCase of writeCases)
      batches.push({ writeCase, fault: "refused", results: await runBatch(harness, writesOf(writeCase)) });
    return batches;
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
    await proxy.refuse();
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
      promise: "While Chime refuses connections, a write is reported as not done",
      figure: `${countOf(refused, "not done")} of ${refused.length}, ${arrivalsOf(refused)} arrivals each`,
      ok: refused.every(({ verdict, happened }) => verdict === "not done" && happened === 0),
    },
    {
      promise:
        "When Chime accepts connections again after 50 ms, 95 % of the writes are sent again and done once",
      figure: `${percent(countOf(returned, "done"), returned.length)} done, ${arrivalsOf(returned)} arrivals each`,
      ok:
        countOf(returned, "done") >= 0.95 * returned.length &&
        returned.every(({ arrivals }) => arrivals <= 1),
    },
    truthRow(batches),
  ];
}
