import { documentedGroups } from "../src/config/settings.js";
import { ourPrefixes } from "../src/config/unknownSettings.js";

const prefixes = ourPrefixes.map((prefix) => `\`${prefix}\``);

const introduction = `# Configuration

Settings are environment variables. Empty ones count as unset. All problems with them are reported together, and the
process exits with code 1. Variables that start with ${prefixes.slice(0, -1).join(", ")} or ${prefixes.at(-1)}
and are not settings produce a warning, and so do those that are one letter from a setting, except for those that
Kubernetes sets. \`chime-graphql-gateway --help\` prints the same list.

\`NODE_ENV=production\` requires CHIME_MODE, and turns EXPLORER off. With a remote Chime, the AWS SDK finds credentials by
its own \`AWS_*\` variables.

This page is generated: \`npm run settings\` writes it.
`;

/** The page that documents all settings, docs/configuration.md. */
export function settingsPage(): string {
  const tables = documentedGroups.map(({ title, settings }) =>
    [
      `\n## ${title}\n`,
      "| variable | values | default | meaning |",
      "| --- | --- | --- | --- |",
      ...settings.map(
        ({ name, values, fallback, ifUnset = "", meaning }) =>
          `| \`${name}\` | ${values} | ${fallback === undefined ? ifUnset : `\`${fallback}\``} | ${meaning} |`,
      ),
      "",
    ].join("\n"),
  );
  return introduction + tables.join("");
}
