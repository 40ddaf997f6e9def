import { buildSubgraphSchema } from "@apollo/subgraph";
import { type Change, CriticalityLevel, diff } from "@graphql-inspector/core";
import { parse } from "graphql";

export interface ContractChange {
  readonly level: CriticalityLevel;
  /** `BREAKING User.personalPin: Field 'personalPin' was removed …`. */
  readonly line: string;
}

/** The effects of a change of the SDL on clients. Descriptions are not part of the contract. */
export async function contractChanges(before: string, after: string): Promise<ContractChange[]> {
  const [old, present] = [before, after].map((sdl) => buildSubgraphSchema({ typeDefs: parse(sdl) }));
  if (!old || !present) throw new Error("An SDL is missing.");
  return (await diff(old, present))
    .filter((change) => !isDescription(change))
    .map((change) => ({
      level: change.criticality.level,
      line: `${change.criticality.level} ${change.path}: ${change.message}`,
    }));
}

const isDescription = ({ type }: Change): boolean => type.includes("DESCRIPTION");

/** Whether a change breaks clients, or may break some. */
export const mayBreak = ({ level }: ContractChange): boolean => level !== CriticalityLevel.NonBreaking;

type Version = readonly [major: number, minor: number, patch: number];

/**
 * The lowest version that these changes may have. Below 1.0.0 the second number stands for the first, and the third for
 * both others, as in npm's `^`.
 */
export function lowestVersion(released: string, changes: readonly ContractChange[]): string {
  const [major, minor, patch] = read(released);
  const breaks = changes.some(({ level }) => level === CriticalityLevel.Breaking);
  if (breaks) return major > 0 ? `${major + 1}.0.0` : `0.${minor + 1}.0`;
  return major > 0 && changes.length > 0 ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/**
 * The problems of a release's version.
 *
 * @param changelog its first version is that of the release, the second that of the one before
 */
export function versionProblems(
  version: string,
  changelog: string,
  changes: readonly ContractChange[],
): string[] {
  const [newest, released] = Array.from(
    changelog.matchAll(/^## (\d+\.\d+\.\d+) - \S+$/gm),
    ([, name]) => name,
  );
  if (newest !== version)
    return [`package.json has version ${version}, the newest heading in CHANGELOG.md ${newest ?? "none"}.`];
  if (!released) return [];
  const lowest = lowestVersion(released, changes);
  return compare(read(version), read(lowest)) < 0
    ? [`After ${released} the contract's changes take ${lowest} at least, not ${version}.`]
    : [];
}

/** Changes that the changelog does not list under a version yet. */
export const unreleasedProblems = (changelog: string): string[] =>
  /^## Unreleased\n+(?!## )\S/m.test(changelog)
    ? ["CHANGELOG.md has entries under Unreleased: rename the heading to the version and its date."]
    : [];

function read(text: string): Version {
  const [major = Number.NaN, minor = Number.NaN, patch = Number.NaN] = text.split(".").map(Number);
  return [major, minor, patch];
}

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
