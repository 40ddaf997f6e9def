/** A thread that requests the gateway's health twenty times a second until a message ends it, and posts its measurements. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

export interface HealthAnswer {
  /** When it was requested: milliseconds since 1970, which all threads share. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
}

let hasEnded = false;
parentPort?.once("message", () => {
  hasEnded = true;
});
const answers: HealthAnswer[] = [];
while (!hasEnded) {
  const asked = performance.now();
  await (await fetch(workerData)).text();
  answers.push({ at: performance.timeOrigin + asked, took: performance.now() - asked });
  await sleep(50);
}
parentPort?.postMessage(answers);
