/**
 * Measures the gateway beside what a team would otherwise write, on the embedded Chime.
 * `npm run bench` measures everything and writes bench/RESULTS.md; `npm run bench -- Q1 Q3` measures some queries.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { fileURLToPath } from "node:url";
import { tableOf } from "./chaos/report.js";
import { createScene } from "./chaos/scene.js";
import { largeAccountUsers } from "./chime.js";
import { connections, startContenders } from "./contenders.js";
import { life } from "./life.js";
import { measure } from "./measure.js";
import { startChime } from "./programs.js";
import { createQueries, type Query } from "./queries.js";
import { figuresTable, goalsOf } from "./report.js";

const peers = fileURLToPath(new URL("../../contenders/", import.meta.url));
const results = new URL("../../RESULTS.md", import.meta.url);
const chosen = process.argv.slice(2);
const began = performance.now();

buildPeers();
const server = await startChime(largeAccountUsers);
const scene = createScene(server);
const queries = choose(await createQueries(scene.chime, connections));
const contenders = await startContenders(server.url);
const figures = await measure(queries, contenders, scene, progress);
await Promise.all(contenders.map((contender) => contender.stop()));
const measured = `${queries.map(({ name, title }) => `- ${name}: ${title}`).join("\n")}

${figuresTable(figures)}
`;
console.log(`\n${measured}`);

const [first] = queries;
if (chosen.length === 0) progress("start, flood, replicas");
const rows = [
  ...goalsOf(figures),
  ...(chosen.length === 0 && first ? await life(server.url, first, scene) : []),
];
await server.stop();
console.log(
  `${tableOf(rows)}\n\n${rows.filter(({ ok }) => ok).length} of ${rows.length} goals met, in ${sinceStart()}.`,
);
if (chosen.length === 0)
  await writeFile(
    results,
    `# The last benchmark

By \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, in ${sinceStart()}: Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}.

${measured}
${tableOf(rows)}
`,
  );

/** The contenders are a package of their own, which no user of the gateway installs. */
function buildPeers(): void {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (!existsSync(`${peers}node_modules`)) run("npm", "ci", "--no-audit", "--no-fund", "--prefix", peers);
  run("npx", "tsc", "-p", peers);
}

function choose(all: readonly Query[]): Query[] {
  const unknown = chosen.filter((name) => !all.some((query) => query.name === name));
  if (unknown.length > 0)
    throw new Error(
      `There is no ${unknown.join(", ")}: there are ${all.map(({ name }) => name).join(", ")}.`,
    );
  return all.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
}

function progress(line: string): void {
  console.error(`${sinceStart()} ${line}`);
}

function sinceStart(): string {
  return `${((performance.now() - began) / 1000).toFixed(0)} s`;
}
