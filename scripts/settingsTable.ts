import { settingRows } from "../src/cli.js";

const start = "<!-- settings -->";
const end = "<!-- /settings -->";

/** The README with the table of settings as they are. */
export function withSettingsTable(readme: string): string {
  const rows = settingRows().map(
    ({ name, meaning, fallback }) =>
      `| \`${name}\` | ${fallback === undefined ? "" : `\`${fallback}\``} | ${meaning} |`,
  );
  const table = [start, "| variable | default | meaning |", "| --- | --- | --- |", ...rows, end].join("\n");
  return readme.replace(new RegExp(`${start}[\\s\\S]*?${end}`), () => table);
}
