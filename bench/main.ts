/**
 * Compares the gateway with what a team would otherwise write, on the embedded Chime.
 * `npm run bench` measures everything and writes bench/RESULTS.md; options.ts describes its options.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, release, type } from "node:os";
import { join } from "node:path";
import { createHarness } from "../test/support/harness.js";
import { repository, startChime } from "../test/support/processes.js";
import { type Row, tableOf } from "../test/support/report.js";
import { connections, startContenders } from "./contenders.js";
import { buildEarlier } from "./earlierBuild.js";
import { measureLifecycle } from "./lifecycle.js";
import { measure } from "./measure.js";
import { type Options, readOptions } from "./options.js";
import { createQueries, type Query } from "./queries.js";
import { comparison, figuresTable, goalsOf } from "./report.js";
import { measureThrottling, throttlingGoals, throttlingTable } from "./throttling.js";

/** The results of a part of the run. */
interface Results {
  /** Markdown. */
  readonly figures: string;
  readonly goals: readonly Row[];
}

/** Users of the large account, for lookups that no list page serves. */
const largeAccountUsers = 100_000;
const peers = join(repository, "bench/contenders");
const began = performance.now();

// By default a signal ends the process without "exit", which stops the programs and removes the earlier build.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const options = optionsOrExit();
buildPeers();
const build = options.before === undefined ? undefined : buildEarlier(options.before);
const results = [
  ...(options.measuresQueries ? [await benchQueries()] : []),
  ...(options.loads.length > 0 ? [await benchThrottling()] : []),
];
const goals = results.flatMap((part) => part.goals);
console.log(
  `${tableOf(goals)}\n\n${goals.filter(({ ok }) => ok).length} of ${goals.length} goals met, in ${sinceStart()}.`,
);
if (options.isComplete)
  await writeFile(
    join(repository, "bench/RESULTS.md"),
    `# The last benchmark

By \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, in ${sinceStart()}: Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}.

${results.map(({ figures }) => figures).join("\n")}
${tableOf(goals)}
`,
  );

async function benchQueries(): Promise<Results> {
  const server = await startChime({ CHIME_LOCAL_USERS: String(largeAccountUsers) });
  const harness = createHarness(server);
  const queries = choose(await createQueries(harness.chime, connections), options.queries);
  const contenders = await startContenders(server.url, options.queryContenders, build);
  const { results, unknownBefore } = await measure(
    queries,
    contenders,
    options.queryRounds,
    harness,
    progress,
  );
  await Promise.all(contenders.map((contender) => contender.stop()));
  const compared = build && comparison(results, build, unknownBefore);
  const figures = `${queries.map(({ name, title }) => `- ${name}: ${title}`).join("\n")}

${figuresTable(results)}
${compared ? `\n${compared.figures}\n` : ""}`;
  console.log(`\n${figures}`);

  const [first] = queries;
  if (options.measuresLifecycle) progress("lifecycle");
  const lifecycle =
    options.measuresLifecycle && first ? await measureLifecycle(server.url, first, harness) : [];
  await server.stop();
  return { figures, goals: [...goalsOf(results), ...(compared?.goals ?? []), ...lifecycle] };
}

async function benchThrottling(): Promise<Results> {
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
that of the worst second after the third; calls to Chime per lookup.${options.throttlingRounds > 1 ? " Medians of the rounds (and the worst of them)." : ""}

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
  if (!existsSync(join(peers, "node_modules")))
    run("npm", "ci", "--no-audit", "--no-fund", "--prefix", peers);
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
