import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgent, post } from "./load.js";
import { startChime, startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";
import { create, isDone, readAccountNames } from "./stopping.js";

const count = 1_000;
/** So many writes are answered when Chime is killed. */
const killAfter = 300;

/** The embedded Chime is killed while a thousand writes are under way. */
export async function measureCrash(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  const data = { CHIME_LOCAL_DATA: join(folder, "chime.db") };
  const chime = await startChime(data);
  const gateway = await startGatewayOn(chime.url, {
    MAX_REQUESTS: String(count),
    CHIME_CONCURRENCY: String(count),
  });
  const agent = createAgent();
  try {
    const done = new Set<string>();
    const unknown = new Set<string>();
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const name = `Write ${n}`;
        const outcome = await post(gateway.url, create(name), agent);
        if (isDone(outcome)) done.add(name);
        else if (outcome.body.includes(`"OUTCOME_UNKNOWN"`)) unknown.add(name);
        if (done.size === killAfter) chime.stop("SIGKILL");
      }),
    );
    await chime.end;

    const again = await startChime(data);
    const kept = await readAccountNames(again.url, "Write ");
    await again.stop("SIGKILL");
    const lost = [...done].filter((name) => !kept.includes(name)).length;
    const doubled = kept.length - new Set(kept).size;
    const denied = kept.filter((name) => !done.has(name) && !unknown.has(name)).length;
    return [
      {
        promise: "kill -9 of the embedded Chime under 1,000 writes: all that was answered is there, once",
        figure: `${done.size} answered, ${lost} lost, ${doubled} doubled`,
        ok: done.size >= killAfter && done.size < count && lost === 0 && doubled === 0,
      },
      {
        promise: "and none is there that was said not to be",
        figure: `${denied} of ${count - done.size - unknown.size}; ${unknown.size} were said to be unknown`,
        ok: denied === 0,
      },
    ];
  } finally {
    agent.destroy();
    await gateway.stop("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}
