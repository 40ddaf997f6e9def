import { bombs, throwBomb } from "../../test/support/bombs.js";
import { cpuOf, startChime, startGatewayOn, watchMemory } from "./processes.js";
import type { Row } from "./report.js";
import { createScene } from "./scene.js";

/** Throws of each bomb, after as many to warm up. */
const throws = 20;
const mostCpu = 25;

/** Requests that are made to hurt are refused before they cost anything. */
export async function limits(): Promise<Row[]> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url);
  const scene = createScene(gateway);
  try {
    await scene.forgetArrivals();
    const costs: { name: string; cpu: number }[] = [];
    const wrong: string[] = [];
    for (const bomb of bombs) {
      await throwBomb(gateway.url, bomb, throws);
      const before = await cpuOf(gateway.pid);
      const { status, code } = await throwBomb(gateway.url, bomb, throws);
      costs.push({ name: bomb.name, cpu: ((await cpuOf(gateway.pid)) - before) / throws });
      const isRefused = code === "BAD_USER_INPUT" || status === 413 || status === 400;
      if (!isRefused) wrong.push(bomb.name);
    }
    const dearest = costs.reduce((a, b) => (a.cpu > b.cpu ? a : b));
    const arrivals = await scene.countOfArrivals();
    return [
      {
        promise: `${bombs.length} kinds of bomb are refused with 400 before they reach Chime`,
        figure: `${bombs.length - wrong.length} refused, ${arrivals} calls${wrong.map((name) => `; ${name}`).join("")}`,
        ok: wrong.length === 0 && arrivals === 0,
      },
      {
        promise: `and none costs more than ${mostCpu} ms of CPU`,
        figure: `${dearest.cpu.toFixed(1)} ms at most (${dearest.name})`,
        ok: dearest.cpu <= mostCpu,
      },
    ];
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}

const generated = 100_000;
/** What the heap may take before the collector looks, and no more. */
const mostMemory = 150;

/** Generated requests: valid ones, broken ones, and HTTP of all sorts. */
export async function fuzzing(): Promise<Row[]> {
  const { fuzz } = await import("../../test/support/fuzz.js");
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, { EXPLORER: "on" });
  try {
    await fuzz(gateway.url, generated / 10, 1);
    const growth = await watchMemory(gateway.pid);
    const { statuses, problems } = await fuzz(gateway.url, generated - generated / 10, 2);
    const mebibytes = await growth();
    const lives = (await fetch(`${gateway.url}/health/live`)).ok;
    return [
      {
        promise: `${generated.toLocaleString("en")} generated requests: no crash, no 5xx, no stack trace`,
        figure: `${problems.length} problems; ${Object.entries(statuses)
          .map(([status, count]) => `${count} times ${status}`)
          .join(", ")}`,
        ok: problems.length === 0 && lives,
      },
      {
        promise: `and memory stays flat after the first tenth (less than ${mostMemory} MiB)`,
        figure: `${mebibytes.toFixed(0)} MiB more at the peak`,
        ok: mebibytes < mostMemory,
      },
    ];
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}
