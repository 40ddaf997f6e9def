import { settings } from "./config.js";
import { packageJson } from "./packageJson.js";

/** A setting, as the README's table and `--help` tell of it. */
export interface SettingRow {
  readonly name: string;
  readonly meaning: string;
  readonly fallback?: string;
}

export function settingRows(): SettingRow[] {
  const defaults: Record<string, unknown> = settings.parse({});
  return Object.entries(settings.shape).map(([name, { description = "" }]) => ({
    name,
    meaning: description,
    ...(defaults[name] !== undefined && { fallback: String(defaults[name]) }),
  }));
}

/**
 * What the program prints instead of serving, if its arguments ask for something.
 *
 * @throws an Error of one line that names an argument there is none of. What follows its name is left out: it may be secret
 */
export function answerArguments(args: readonly string[]): string | undefined {
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
  const rows = settingRows().map(({ name, meaning, fallback }) => {
    const lines = wrap(`${meaning}.`).map((line) => `      ${line}`);
    return [`  ${name}${fallback === undefined ? "" : ` (${fallback})`}`, ...lines].join("\n");
  });
  const intro = `${description}. Without settings it serves this machine alone, and the embedded Chime keeps its state in the folder where it is started.`;
  return `${name} [--help | --version]

${wrap(intro).join("\n")}

Settings are environment variables, with defaults in parentheses:

${rows.join("\n")}`;
}

/** Lines that fit into a terminal. */
const wrap = (text: string): string[] => text.match(/\S(?:.{0,71}\S)?(?=\s|$)/g) ?? [];
