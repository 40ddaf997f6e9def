import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createHarness } from "./harness.js";
import { repository, spawnProcess } from "./processes.js";
import { startRecordingProxy } from "./recordingProxy.js";

/** The script of docs/find-people.md. */
function readScript(): string {
  const page = readFileSync(join(repository, "docs/find-people.md"), "utf8");
  const [, script] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
  if (script === undefined) throw new Error("docs/find-people.md has no script.");
  return script;
}

export interface Changes {
  readonly milliseconds: number;
  /** How often Chime has changed each user: a number of changes, and of users. */
  readonly changes: Readonly<Record<number, number>>;
  /** Users that have the new license. */
  readonly changed: number;
  /** The last line that it printed. */
  readonly progress: string;
}

/**
 * Runs the documented script while Chime throttles.
 *
 * @param kills after this many changed users, it is killed and started again
 * @param startOn starts a gateway on a Chime
 */
export async function runChangeScript(
  chimeUrl: string,
  { users, perSecond, kills }: { users: number; perSecond: number; kills: readonly number[] },
  startOn: (chimeUrl: string) => Promise<{ readonly url: string; close(): Promise<unknown> }>,
): Promise<Changes> {
  const folder = mkdtempSync(join(tmpdir(), "change-"));
  const script = join(folder, "change.mjs");
  writeFileSync(script, readScript());
  const proxy = await startRecordingProxy(chimeUrl);
  const gateway = await startOn(proxy.url);
  const harness = createHarness({ url: gateway.url, chimeUrl });
  try {
    const { accountId } = await harness.chime.createPeople(users);
    await harness.setFaults({ kind: "throttle", perSecond });
    const env = { GATEWAY: gateway.url, ACCOUNT: accountId, PROGRESS: join(folder, "progress.json") };
    const started = performance.now();
    const start = () => spawnProcess(["node", script], { env, isStarted: (text) => text.includes("\n") });
    for (const count of kills) {
      const killed = start();
      while (proxy.updates.size < count && killed.child.exitCode === null) await sleep(5);
      await killed.stop("SIGKILL");
      // Calls in flight end.
      await sleep(500);
    }
    const last = start();
    const code = await last.end;
    if (code !== 0) throw new Error(`The script ended with ${code}: ${last.stderr}`);
    const milliseconds = performance.now() - started;
    await harness.setFaults();
    const rows = await harness.chime.users(accountId);
    const changes: Record<number, number> = {};
    for (const times of proxy.updates.values()) changes[times] = (changes[times] ?? 0) + 1;
    return {
      milliseconds,
      changes,
      changed: rows.filter(({ LicenseType }) => LicenseType === "Basic").length,
      progress: last.stdout.trimEnd().split("\n").at(-1) ?? "",
    };
  } finally {
    harness.close();
    await gateway.close();
    await proxy.close();
    rmSync(folder, { recursive: true });
  }
}
