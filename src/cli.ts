import { documentedGroups } from "./config/settings.js";
import { packageJson } from "./packageJson.js";

/**
 * What the program prints instead of serving, if its arguments ask for something.
 *
 * @throws an Error of one line that names an unknown argument. Its value is left out, since it may be secret
 */
export function handleArguments(args: readonly string[]): string | undefined {
  const unknown = args.find((argument) => !/^(-h|--help|--version)$/.test(argument));
  if (unknown !== undefined)
    throw new Error(
      `Unknown argument ${unknown.split("=")[0]}: settings are environment variables, which --help lists`,
    );
  if (args.includes("--version")) return packageJson.version;
  return args.length > 0 ? help() : undefined;
}

function help(): string {
  const { name, description } = packageJson;
  const groups = documentedGroups.map(({ title, settings }) => [
    title,
    ...settings.flatMap(({ name, values, meaning, fallback, ifUnset = fallback }) => [
      ...wrap(`${name}: ${values}${ifUnset === undefined ? "" : ` (default: ${ifUnset})`}`, "  "),
      ...wrap(meaning.replaceAll("`", ""), "      "),
    ]),
  ]);
  const intro = `${description}. Without settings it listens on this machine only, and the embedded Chime keeps its state in the current folder. NODE_ENV=production requires CHIME_MODE, and turns EXPLORER off.`;
  return [
    `${name} [--help | --version]\n\n${wrap(intro).join("\n")}\n\nSettings are environment variables:`,
    ...groups.map((lines) => lines.join("\n")),
  ].join("\n\n");
}

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
