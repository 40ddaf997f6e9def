/**
 * The checks before a release: `npm run release:check`; `-- --skip bench` skips a step. `npm test` also checks
 * docs/configuration.md, the npm package and the image.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchProblems } from "./benchResults.js";
import { contractChanges, mayBreak, unreleasedProblems, versionProblems } from "./contractChanges.js";

/** Each returns the problems. */
const steps: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
  lint: () => run("lint"),
  contract: checkContract,
  tests: () => run("test"),
  bench: checkBench,
};

function run(script: string): string[] {
  try {
    execFileSync("npm", ["run", "--silent", script], {
      stdio: "inherit",
      shell: process.platform === "win32",
    });
    return [];
  } catch {
    return [`npm run ${script} fails.`];
  }
}

async function checkContract(): Promise<string[]> {
  const released = readFileSync("test/federation/released.graphql", "utf8");
  const present = execFileSync("npm", ["run", "--silent", "schema"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const changes = await contractChanges(released, present);
  for (const { line } of changes.filter(mayBreak)) console.log(line);
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const changelog = readFileSync("CHANGELOG.md", "utf8");
  return [...versionProblems(version, changelog, changes), ...unreleasedProblems(changelog)];
}

function checkBench(): string[] {
  const results = "bench/RESULTS.md";
  if (!existsSync(results)) return [`There is no ${results} to compare with.`];
  const before = readFileSync(results, "utf8");
  const failed = run("bench");
  return failed.length > 0 ? failed : benchProblems(before, readFileSync(results, "utf8"));
}

const { values } = parseArgs({ options: { skip: { type: "string", multiple: true, default: [] } } });
const unknown = values.skip.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`Unknown step ${unknown.join(", ")}: the steps are ${Object.keys(steps).join(", ")}.`);
  process.exit(1);
}
for (const [name, check] of Object.entries(steps)) {
  if (values.skip.includes(name)) {
    console.log(`== ${name}: skipped`);
    continue;
  }
  console.log(`== ${name}`);
  for (const problem of await check()) {
    process.exitCode = 1;
    console.error(problem);
  }
}
console.log(process.exitCode ? "Not ready for a release." : "Ready for a release.");
