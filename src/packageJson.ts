import { readFileSync } from "node:fs";

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** What this package says of itself. */
export const packageJson: PackageJson = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);
