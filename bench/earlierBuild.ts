import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../test/support/processes.js";

/** The gateway as of an earlier commit. */
export interface EarlierBuild {
  /** Its git ref and commit. */
  readonly title: string;
  /** The file to start. */
  readonly main: string;
}

/** Builds a commit in a worktree of its own, which is removed when this process ends. @param ref of git */
export function buildEarlier(ref: string): EarlierBuild {
  const commit = run(
    repository,
    "git",
    "rev-parse",
    "--verify",
    "--end-of-options",
    `${ref}^{commit}`,
  ).trim();
  const folder = mkdtempSync(join(tmpdir(), "chime-graphql-gateway-"));
  process.once("exit", () => remove(folder));
  run(repository, "git", "worktree", "add", "--detach", folder, commit);

  const lockIn = (where: string) => readFileSync(join(where, "package-lock.json"), "utf8");
  if (lockIn(folder) === lockIn(repository))
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
  else run(folder, "npm", "ci", "--no-audit", "--no-fund");
  run(folder, "npm", "run", "--silent", "build");

  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [file] = Object.values<string>(bin);
  return {
    title: commit.startsWith(ref) ? ref : `${ref} (${commit.slice(0, 7)})`,
    main: join(folder, file ?? ""),
  };
}

/** Never fails the run: the figures are complete by then. */
function remove(folder: string): void {
  try {
    // It may be a link to this worktree's own.
    rmSync(join(folder, "node_modules"), { recursive: true, force: true });
    run(repository, "git", "worktree", "remove", "--force", folder);
  } catch (error) {
    console.error(`${folder} could not be removed: ${error}`);
  }
}

/** @returns standard output */
const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    // npm is a script there.
    shell: process.platform === "win32" && command === "npm",
  });
