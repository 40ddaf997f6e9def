/**
 * Measures the gateway beside what a team would otherwise write, on the embedded Chime.
 * `npm run bench` measures everything and writes bench/RESULTS.md; for parts of it and for options see options.ts.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { fileURLToPath } from "node:url";
import { type Row, tableOf } from "../test/chaos/report.js";
import { createScene } from "../test/chaos/scene.js";
import { largeAccountUsers } from "./chime.js";
import { connections, startContenders } from "./contenders.js";
import { buildEarlier } from "./earlierBuild.js";
import { life } from "./life.js";
import { measure } from "./measure.js";
import { type Options, readOptions } from "./options.js";
import { startChime } from "./programs.js";
import { createQueries, type Query } from "./queries.js";
import { comparison, figuresTable, goalsOf } from "./report.js";
import { measureThrottling, throttlingGoals, throttlingTable } from "./throttling.js";

/** What a part of the run found. */
interface Findings {
  /** Markdown. */
  readonly figures: string;
  readonly goals: readonly Row[];
}

const peers = fileURLToPath(new URL("../../contenders/", import.meta.url));
const results = new URL("../../RESULTS.md", import.meta.url);
const began = performance.now();

// By default a signal ends the process without the event that stops the programs and removes the earlier build.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const options = optionsOrExit();
buildPeers();
const build = options.before === undefined ? undefined : buildEarlier(options.before);
const findings = [
  ...(options.measuresQueries ? [await benchQueries()] : []),
  ...(options.loads.length > 0 ? [await benchThrottling()] : []),
];
const goals = findings.flatMap((found) => found.goals);
console.log(
  `${tableOf(goals)}\n\n${goals.filter(({ ok }) => ok).length} of ${goals.length} goals met, in ${sinceStart()}.`,
);
if (options.isComplete)
  await writeFile(
    results,
    `# The last benchmark

By \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, in ${sinceStart()}: Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}.

${findings.map(({ figures }) => figures).join("\n")}
${tableOf(goals)}
`,
  );

async function benchQueries(): Promise<Findings> {
  const server = await startChime(largeAccountUsers);
  const scene = createScene(server);
  const queries = choose(await createQueries(scene.chime, connections), options.queries);
  const contenders = await startContenders(server.url, options.queryContenders, build);
  const measured = await measure(queries, contenders, options.queryRounds, scene, progress);
  await Promise.all(contenders.map((contender) => contender.stop()));
  const compared = build && comparison(measured, build);
  const figures = `${queries.map(({ name, title }) => `- ${name}: ${title}`).join("\n")}

${figuresTable(measured)}
${compared ? `\n${compared.figures}\n` : ""}`;
  console.log(`\n${figures}`);

  const [first] = queries;
  if (options.measuresLife) progress("start, flood, replicas");
  const ofLife = options.measuresLife && first ? await life(server.url, first, scene) : [];
  await server.stop();
  return { figures, goals: [...goalsOf(measured), ...(compared?.goals ?? []), ...ofLife] };
}

async function benchThrottling(): Promise<Findings> {
  const measured = await measureThrottling(
    {
      loads: options.loads,
      contenders: options.throttlingContenders,
      build,
      rounds: options.throttlingRounds,
    },
    progress,
  );
  const figures = `While Chime throttles, in the first 10 seconds of a process: the share of the capacity that is answered, and
that of the worst second after the third; calls to Chime a lookup.${options.throttlingRounds > 1 ? " Medians of the rounds (and the worst of them)." : ""}

${throttlingTable(measured)}
`;
  console.log(`\n${figures}`);
  return { figures, goals: throttlingGoals(measured, build) };
}

function optionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** The contenders are a package of their own, which no user of the gateway installs. */
function buildPeers(): void {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (!existsSync(`${peers}node_modules`)) run("npm", "ci", "--no-audit", "--no-fund", "--prefix", peers);
  run("npx", "tsc", "-p", peers);
}

function choose(all: readonly Query[], chosen: readonly string[] | undefined): Query[] {
  const unknown = chosen?.filter((name) => !all.some((query) => query.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `There is no ${unknown.join(", ")}: there are ${all.map(({ name }) => name).join(", ")}.`,
    );
  return all.filter(({ name }) => chosen?.includes(name) ?? true);
}

function progress(line: string): void {
  console.error(`${sinceStart()} ${line}`);
}

function sinceStart(): string {
  return `${((performance.now() - began) / 1000).toFixed(0)} s`;
}
