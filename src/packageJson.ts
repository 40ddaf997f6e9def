import { readFileSync } from "node:fs";

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** The package's folder: this module, and the file that it is bundled into, are one folder below. */
export const packageFolder = new URL("../", import.meta.url);

/** Fields of package.json. */
export const packageJson: PackageJson = JSON.parse(
  readFileSync(new URL("package.json", packageFolder), "utf8"),
);
