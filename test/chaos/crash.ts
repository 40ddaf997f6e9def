import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChimeTestClient } from "../support/chimeClient.js";
import { createLoadClient, graphqlRequest, type Outcome } from "../support/load.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { create, isDone } from "./shutdown.js";

const count = 1_000;
/** Writes that are answered when Chime is killed. */
const killAfter = 300;

/** The embedded Chime is killed while a thousand writes are in progress. */
export async function measureCrash(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  const data = { CHIME_LOCAL_DATA: join(folder, "chime.db") };
  const chime = await startChime(data);
  const gateway = await startGatewayOn(chime.url, {
    MAX_REQUESTS: String(count),
    CHIME_CONCURRENCY: String(count),
  });
  const client = createLoadClient([gateway.url], count);
  try {
    const done = new Set<string>();
    const unknown = new Set<string>();
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const name = `Write ${n}`;
        const outcome = await sendUntilAdmitted(() => client.send(graphqlRequest(create(name))));
        if (isDone(outcome)) done.add(name);
        else if (outcome.body.includes(`"OUTCOME_UNKNOWN"`)) unknown.add(name);
        if (done.size === killAfter) chime.stop("SIGKILL");
      }),
    );
    await chime.stop("SIGKILL");

    const again = await startChime(data);
    const chimeClient = new ChimeTestClient(again.url);
    const kept = (await chimeClient.accountsByPrefix("Write ")).map(({ Name }) => Name ?? "");
    chimeClient.destroy();
    await again.stop("SIGKILL");
    const lost = [...done].filter((name) => !kept.includes(name)).length;
    const doubled = kept.length - new Set(kept).size;
    const denied = kept.filter((name) => !done.has(name) && !unknown.has(name)).length;
    return [
      {
        promise:
          "kill -9 of the embedded Chime under 1,000 writes: each write that was answered is kept once",
        figure: `${done.size} answered, ${lost} lost, ${doubled} doubled`,
        ok: done.size >= killAfter && done.size < count && lost === 0 && doubled === 0,
      },
      {
        promise: "and no write is kept that was reported as not done",
        figure: `${denied} of ${count - done.size - unknown.size}; ${unknown.size} were reported as unknown`,
        ok: denied === 0,
      },
    ];
  } finally {
    await client.close();
    await gateway.stop("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** A busy gateway rejects a request with 503 before it does anything. */
async function sendUntilAdmitted(send: () => Promise<Outcome>, attempts = 100): Promise<Outcome> {
  const outcome = await send();
  if (outcome.status !== 503 || attempts === 1) return outcome;
  await sleep(50);
  return sendUntilAdmitted(send, attempts - 1);
}
