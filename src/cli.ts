import { parseArgs } from "node:util";
import { schemaPrefix } from "./config/schemaPrefix.js";
import { documentedGroups } from "./config/settings.js";
import { readTypeDefs } from "./graphql/schema.js";
import { printSubgraph } from "./graphql/subgraph/subgraphSdl.js";
import { packageJson } from "./packageJson.js";

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  "print-schema": { type: "boolean" },
  "no-scopes": { type: "boolean" },
  prefix: { type: "string" },
} as const;
type Option = keyof typeof options;
const isOption = (name: string): name is Option => Object.hasOwn(options, name);

/**
 * Output for an argument such as --help.
 *
 * @throws an Error of one line that names a wrong argument. Its value is left out, since it may be secret
 */
export function handleArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const given = readOptions(args);
  if (given.has("version")) return packageJson.version;
  if (given.has("help")) return help();
  if (given.has("print-schema")) {
    const hasScopes = !given.has("no-scopes");
    return printSubgraph(readTypeDefs(), { prefix: readPrefix(given, env), hasScopes });
  }
  for (const name of given.keys()) throw new Error(`--${name} requires --print-schema`);
  return undefined;
}

/** The options with their values; those without a value have none. */
function readOptions(args: readonly string[]): ReadonlyMap<Option, string | undefined> {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<Option, string | undefined>();
  for (const token of tokens) {
    const isKnown =
      token.kind === "option" &&
      isOption(token.name) &&
      (options[token.name].type === "string" || token.value === undefined);
    if (isKnown) given.set(token.name as Option, token.value);
    else
      throw new Error(
        `Unknown argument ${args[token.index]?.split("=")[0]}: settings are environment variables, which --help lists`,
      );
  }
  return given;
}

function readPrefix(
  given: ReadonlyMap<Option, string | undefined>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const isGiven = given.has("prefix");
  const prefix = isGiven ? (given.get("prefix") ?? "") : env["SCHEMA_PREFIX"]?.trim();
  if (!isGiven && !prefix) return undefined;
  const { data, error } = schemaPrefix.schema.safeParse(prefix);
  if (error) throw new Error(`${isGiven ? "--prefix" : "SCHEMA_PREFIX"} ${error.issues[0]?.message}`);
  return data;
}

function help(): string {
  const { name, description } = packageJson;
  const groups = documentedGroups.map(({ title, settings }) => [
    title,
    ...settings.flatMap(({ name, values, meaning, fallback, ifUnset = fallback }) => [
      ...wrap(`${name}: ${plain(values)}${ifUnset === undefined ? "" : ` (default: ${ifUnset})`}`, "  "),
      ...wrap(plain(meaning), "      "),
    ]),
  ]);
  const intro = `${description}. Without settings it listens on this machine only, and the embedded Chime keeps its state in the current folder. NODE_ENV=production requires CHIME_MODE, and turns EXPLORER off. --print-schema prints the SDL for a schema registry; --no-scopes leaves out @requiresScopes, and --prefix replaces SCHEMA_PREFIX.`;
  return [
    `${name} [--help | --version | --print-schema [--no-scopes] [--prefix Chime]]\n\n${wrap(intro).join("\n")}\n\nSettings are environment variables:`,
    ...groups.map((lines) => lines.join("\n")),
  ].join("\n\n");
}

/** Without Markdown's backticks. */
const plain = (text: string): string => text.replaceAll("`", "");

const columns = 100;

/** Breaks a text into lines that fit into a terminal. */
function wrap(text: string, indent = ""): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
