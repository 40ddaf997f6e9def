/**
 * Breaks what can break around the running gateway and holds it to its promises, each with a figure.
 * `npm run chaos` runs all modules and writes bench/CHAOS.md; `npm run chaos -- reads ends` runs some of them.
 */
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { authentication } from "./authentication.js";
import { measureCrash } from "./crash.js";
import { ends } from "./ends.js";
import { fairness } from "./fairness.js";
import { fuzzing, limits } from "./limits.js";
import { measureOverload } from "./overload.js";
import { reads } from "./reads.js";
import { type Row, tableOf } from "./report.js";
import { resends } from "./resends.js";
import { shapes } from "./shapes.js";
import { measureSlowClients } from "./slowClients.js";
import { measureStopping } from "./stopping.js";
import { throttling } from "./throttling.js";
import { writes } from "./writes.js";

type Modules = Readonly<Record<string, () => Promise<Row[]>>>;

/** One after another, since milliseconds decide. */
const alone: Modules = {
  writes,
  ends,
  limits,
  fairness,
  shapes,
  overload: measureOverload,
};
/** Side by side: they mostly wait. */
const waiting: Modules = {
  resends,
  throttling,
  stopping: measureStopping,
  "slow-clients": measureSlowClients,
};
/** Side by side: they take all of the machine, and none minds how long it takes. */
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
    new URL("../../../CHAOS.md", import.meta.url),
    `# The last chaos run

By \`npm run chaos\` on ${new Date().toISOString().slice(0, 10)}, in ${seconds(started)}: Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} cores.

${tableOf(rows)}
`,
  );
process.exit(broken === 0 ? 0 : 1);

/** The ones that are asked for, each of which adds its rows and prints them. */
function modulesOf(modules: Modules): (() => Promise<void>)[] {
  const asked = Object.entries(modules).filter(([name]) => chosen.length === 0 || chosen.includes(name));
  return asked.map(([name, run]) => async () => {
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
