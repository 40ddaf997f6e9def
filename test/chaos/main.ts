/**
 * Injects faults around the running gateway and checks its promises, each with a figure.
 * `npm run chaos` runs all modules and writes test/chaos/RESULTS.md; `npm run chaos -- reads ends` runs some of them.
 */
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { join } from "node:path";
import { repository } from "../support/processes.js";
import { type Row, tableOf } from "../support/report.js";
import { authentication } from "./authentication.js";
import { measureCrash } from "./crash.js";
import { ends } from "./ends.js";
import { fairness } from "./fairness.js";
import { findPeople } from "./findPeople.js";
import { fuzzing, limits } from "./limits.js";
import { measureOverload } from "./overload.js";
import { reads } from "./reads.js";
import { resends } from "./resends.js";
import { shapes } from "./shapes.js";
import { measureShutdown } from "./shutdown.js";
import { measureSlowClients } from "./slowClients.js";
import { throttling } from "./throttling.js";
import { writes } from "./writes.js";

type Modules = Readonly<Record<string, () => Promise<Row[]>>>;

/** One after another, since they measure milliseconds. */
const alone: Modules = {
  writes,
  ends,
  limits,
  fairness,
  "find-people": findPeople,
  shapes,
  overload: measureOverload,
};
/** Side by side: they mostly wait. */
const waiting: Modules = {
  resends,
  throttling,
  shutdown: measureShutdown,
  "slow-clients": measureSlowClients,
};
/** Side by side: they use the whole machine, and none of them measures time. */
const busy: Modules = { fuzzing, authentication, reads, crash: measureCrash };

const names = [alone, waiting, busy].flatMap((modules) => Object.keys(modules));
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}: there are ${names.join(", ")}.`);
  process.exit(1);
}

const rows: Row[] = [];
const started = performance.now();
for (const module of modulesOf(alone)) await module();
for (const modules of [waiting, busy]) await Promise.all(modulesOf(modules).map((module) => module()));

const broken = rows.filter(({ ok }) => !ok).length;
console.log(`\n${rows.length - broken} of ${rows.length} promises kept, in ${seconds(started)}.`);
if (chosen.length === 0)
  await writeFile(
    join(repository, "test/chaos/RESULTS.md"),
    `# The last chaos run

By \`npm run chaos\` on ${new Date().toISOString().slice(0, 10)}, in ${seconds(started)}: Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} cores.

${tableOf(rows)}
`,
  );
process.exit(broken === 0 ? 0 : 1);

/** The chosen modules, each of which adds its rows and prints them. */
function modulesOf(modules: Modules): (() => Promise<void>)[] {
  const wanted = Object.entries(modules).filter(([name]) => chosen.length === 0 || chosen.includes(name));
  return wanted.map(([name, run]) => async () => {
    const begun = performance.now();
    const found = await run().catch((error: Error): Row[] => [
      { promise: `The module ${name} runs to its end`, figure: error.message, ok: false },
    ]);
    console.log(`\n${name}, ${seconds(begun)}\n\n${tableOf(found)}`);
    rows.push(...found);
  });
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}
