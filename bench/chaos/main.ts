/**
 * Breaks what can break around the running gateway and holds it to its promises, each with a figure.
 * `npm run chaos` runs all modules and writes bench/CHAOS.md; `npm run chaos -- reads ends` runs some of them.
 */
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { authentication } from "./authentication.js";
import { measureCrash } from "./crash.js";
import { ends } from "./ends.js";
import { fuzzing, limits } from "./limits.js";
import { measureOverload } from "./overload.js";
import { reads } from "./reads.js";
import { type Row, tableOf } from "./report.js";
import { measureSlowClients } from "./slow-loris.js";
import { measureStopping } from "./stopping.js";
import { throttling } from "./throttling.js";
import { writes } from "./writes.js";

const modules: Readonly<Record<string, () => Promise<Row[]>>> = {
  writes,
  reads,
  ends,
  throttling,
  limits,
  authentication,
  stopping: measureStopping,
  crash: measureCrash,
  overload: measureOverload,
  "slow-clients": measureSlowClients,
  fuzzing,
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(modules, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}: there are ${Object.keys(modules).join(", ")}.`);
  process.exit(1);
}

const rows: Row[] = [];
const started = performance.now();
for (const [name, run] of Object.entries(modules)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const begun = performance.now();
  const found = await run().catch((error: Error): Row[] => [
    { promise: `The module ${name} runs to its end`, figure: error.message, ok: false },
  ]);
  console.log(`\n${name}, ${seconds(begun)}\n\n${tableOf(found)}`);
  rows.push(...found);
}

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

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}
