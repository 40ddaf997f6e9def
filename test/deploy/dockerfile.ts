import { readFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { npmEnv, runProcess } from "../support/processes.js";

/** The image of a Dockerfile, as folders on this machine. */
export interface Image {
  /** The image's `/`. */
  readonly root: string;
  /** Where its command runs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  user?: string;
  readonly ports: string[];
  readonly volumes: string[];
  command: string[];
  healthCheck: string[];
}

/**
 * Executes a Dockerfile without an engine and without its base image: its commands must work on this machine too.
 *
 * @param context the folder that it copies from
 * @param into the folder of its stages
 * @param instead replacements for some commands
 * @param bases images by the names under which they were built here
 */
export async function build(
  file: string,
  context: string,
  into: string,
  instead: Readonly<Record<string, (folder: string) => Promise<void>>>,
  bases: Readonly<Record<string, Image>> = {},
): Promise<Image> {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const place = (path: string) => {
    if (!stage) throw new Error("A Dockerfile begins with FROM.");
    return join(stage.root, resolve(stage.workdir, path));
  };

  for (const [instruction, text] of readInstructions(file)) {
    if (instruction === "FROM") {
      const [, name = "last"] = / AS (\S+)$/.exec(text) ?? [];
      const root = join(into, name);
      const base = bases[text.split(" ")[0] ?? ""];
      if (base) await cp(base.root, root, { recursive: true, verbatimSymlinks: true });
      else await mkdir(root);
      stage = base ? stageOn(base, root) : stageOn(scratch, root);
      stages.set(name, stage);
      continue;
    }
    if (!stage) throw new Error("A Dockerfile begins with FROM.");
    switch (instruction) {
      case "WORKDIR":
        stage.workdir = text;
        await mkdir(place("."), { recursive: true });
        break;
      case "COPY": {
        const words = text.split(" ");
        const [, from] = /^--from=(.+)$/.exec(words[0] ?? "") ?? [];
        const source = from === undefined ? context : stages.get(from)?.root;
        if (source === undefined) throw new Error(`There is no stage ${from}.`);
        const target = words.at(-1) ?? "";
        for (const path of words.slice(from === undefined ? 0 : 1, -1))
          await cp(join(source, path), place(target.endsWith("/") ? target + basename(path) : target), {
            recursive: true,
            verbatimSymlinks: true,
          });
        break;
      }
      case "RUN": {
        const other = instead[text];
        const { root } = stage;
        const command = text.replaceAll(/(?<=\s)\//g, `${root}/`);
        if (other) {
          await other(place("."));
          break;
        }
        const { code, stderr } = await runProcess(["sh", "-c", command], { cwd: place("."), env: npmEnv });
        if (code !== 0) throw new Error(`RUN ${text}: ${stderr}`);
        break;
      }
      case "ENV":
        Object.assign(stage.env, Object.fromEntries(text.split(" ").map((pair) => pair.split("="))));
        break;
      case "USER":
        stage.user = text;
        break;
      case "EXPOSE":
        stage.ports.push(text);
        break;
      case "VOLUME":
        stage.volumes.push(text);
        break;
      case "HEALTHCHECK":
        stage.healthCheck = JSON.parse(text.replace(/^.*?CMD /, ""));
        break;
      case "CMD":
        stage.command = JSON.parse(text);
        break;
      default:
        throw new Error(`What does ${instruction} do?`);
    }
  }
  if (!stage) throw new Error("A Dockerfile begins with FROM.");
  return { ...stage, folder: place("."), user: stage.user };
}

const scratch: Image = {
  root: "/",
  folder: "/",
  env: {},
  user: undefined,
  ports: [],
  volumes: [],
  command: [],
  healthCheck: [],
};

const stageOn = (
  { root: from, folder, env, user, ports, volumes, command, healthCheck }: Image,
  root: string,
): Stage => ({
  root,
  workdir: resolve("/", relative(from, folder)),
  env: { ...env },
  ...(user !== undefined && { user }),
  ports: [...ports],
  volumes: [...volumes],
  command: [...command],
  healthCheck: [...healthCheck],
});

const readInstructions = (file: string): (readonly [instruction: string, text: string])[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => {
      const [instruction = "", ...words] = line.split(" ");
      return [instruction, words.join(" ")];
    });

/** Whether a `.dockerignore` keeps a path out of the context: the last line that fits decides. */
export function isIgnored(ignoreFile: string, path: string): boolean {
  let ignored = false;
  for (const line of readFileSync(ignoreFile, "utf8").split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const pattern = line.replace(/^!/, "");
    if (pattern === "*" || path === pattern || path.startsWith(`${pattern}/`))
      ignored = !line.startsWith("!");
  }
  return ignored;
}
