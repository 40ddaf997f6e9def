import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/** What a Dockerfile makes, as folders on this machine. */
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
 * Does what a Dockerfile says, without an engine and without its base image: what it runs must work on this machine too.
 *
 * @param context the folder that it copies from
 * @param into where its stages come to be
 * @param instead what is done in place of some commands
 */
export function build(
  file: string,
  context: string,
  into: string,
  instead: Readonly<Record<string, (folder: string) => void>>,
): Image {
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
      mkdirSync(root);
      stage = { root, workdir: "/", env: {}, ports: [], volumes: [], command: [], healthCheck: [] };
      stages.set(name, stage);
      continue;
    }
    if (!stage) throw new Error("A Dockerfile begins with FROM.");
    switch (instruction) {
      case "WORKDIR":
        stage.workdir = text;
        mkdirSync(place("."), { recursive: true });
        break;
      case "COPY": {
        const words = text.split(" ");
        const [, from] = /^--from=(.+)$/.exec(words[0] ?? "") ?? [];
        const source = from === undefined ? context : stages.get(from)?.root;
        if (source === undefined) throw new Error(`There is no stage ${from}.`);
        const target = words.at(-1) ?? "";
        for (const path of words.slice(from === undefined ? 0 : 1, -1))
          cpSync(join(source, path), place(target.endsWith("/") ? target + basename(path) : target), {
            recursive: true,
            verbatimSymlinks: true,
          });
        break;
      }
      case "RUN": {
        const other = instead[text];
        const { root } = stage;
        const command = text.replaceAll(/(?<=\s)\//g, `${root}/`);
        if (other) other(place("."));
        else execFileSync("sh", ["-c", command], { cwd: place("."), stdio: ["ignore", "ignore", "inherit"] });
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
