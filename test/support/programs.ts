import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as baseTest } from "vitest";
import { programs, type RunningProcess, repository, spawnProcess } from "./processes.js";

/** A program of the package, in a process of its own. */
export type Program = RunningProcess;

export type Start = (
  program: keyof typeof programs,
  env: Record<string, string>,
  until?: "ready" | "end",
) => Promise<Program>;

interface Fixtures {
  /** An empty folder. */
  readonly folder: string;
  /** Starts a program in that folder, on free ports, with no environment but this; it ends with the test. */
  readonly start: Start;
}

/** The bundle's programs: they start in half the CPU time of the plain modules, which the tests of main.ts start. */
const bundledPrograms: typeof programs = {
  gateway: join(repository, "dist-bundle/dist/main.js"),
  chime: join(repository, "dist-bundle/dist/chime-local/main.js"),
};

/** Tests that start programs. Each has an empty folder, and the programs that it started end with it. */
export const test = createTest(bundledPrograms);
export const plainTest = createTest(programs);

function createTest(files: typeof programs) {
  return baseTest.extend<Fixtures>({
    folder: async ({ onTestFinished }, use) => {
      const folder = mkdtempSync(join(tmpdir(), "gateway-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      await use(folder);
    },
    start: async ({ folder }, use) => {
      const started: Program[] = [];
      await use(async (name, env, until = "ready") => {
        const program = spawnProcess(["node", files[name]], {
          cwd: folder,
          env: { HOME: folder, PORT: "0", CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "0", ...env },
        });
        started.push(program);
        // A program that ends before it has started is one that some tests ask for.
        await (until === "end" ? program.end : program.started.catch(() => undefined));
        return program;
      });
      await Promise.all(started.map((program) => program.stop("SIGKILL")));
    },
  });
}

/** How many calls of each operation have arrived at an embedded Chime. */
export async function arrivals(chimeUrl: string): Promise<Record<string, number>> {
  const response = await fetch(`${chimeUrl}/_local/requests`);
  return ((await response.json()) as { counts: Record<string, number> }).counts;
}
