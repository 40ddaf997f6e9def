/** A thread that asks whether the gateway lives, twenty times a second, and tells when it is told that this is enough. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

export interface HealthAnswer {
  /** When it was asked for: milliseconds since 1970, which all threads share. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
}

let enough = false;
parentPort?.once("message", () => {
  enough = true;
});
const answers: HealthAnswer[] = [];
while (!enough) {
  const asked = performance.now();
  await (await fetch(workerData)).text();
  answers.push({ at: performance.timeOrigin + asked, took: performance.now() - asked });
  await sleep(50);
}
parentPort?.postMessage(answers);
