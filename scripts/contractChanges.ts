import { buildSubgraphSchema } from "@apollo/subgraph";
import { type Change, CriticalityLevel, diff } from "@graphql-inspector/core";
import { parse } from "graphql";

export interface ContractChange {
  readonly level: CriticalityLevel;
  /** `BREAKING User.personalPin: Field 'personalPin' was removed …`. */
  readonly line: string;
}

/** What a change of the SDL does to those who rely on it. Descriptions are no contract. */
export async function contractChanges(before: string, after: string): Promise<ContractChange[]> {
  const [old, present] = [before, after].map((sdl) => buildSubgraphSchema({ typeDefs: parse(sdl) }));
  if (!old || !present) throw new Error("There are two.");
  return (await diff(old, present))
    .filter((change) => !isDescription(change))
    .map((change) => ({
      level: change.criticality.level,
      line: `${change.criticality.level} ${change.path}: ${change.message}`,
    }));
}

const isDescription = ({ type }: Change): boolean => type.includes("DESCRIPTION");

/** Breaks, and what may be one for some clients. */
export const mayBreak = ({ level }: ContractChange): boolean => level !== CriticalityLevel.NonBreaking;

/** Of three numbers. */
type Version = readonly [major: number, minor: number, patch: number];

/**
 * The lowest version that these changes may have. Below 1.0.0, as npm's `^` has it, the second number stands for the
 * first, and the third for both others.
 */
export function lowestVersion(released: string, changes: readonly ContractChange[]): string {
  const [major, minor, patch] = read(released);
  const breaks = changes.some(({ level }) => level === CriticalityLevel.Breaking);
  if (breaks) return major > 0 ? `${major + 1}.0.0` : `0.${minor + 1}.0`;
  return major > 0 && changes.length > 0 ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/**
 * What is wrong with the version of a release.
 *
 * @param changelog its first heading is of the release, its second of the one before
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
    return [`package.json says ${version}, and the newest heading in CHANGELOG.md ${newest ?? "nothing"}.`];
  if (!released) return [];
  const lowest = lowestVersion(released, changes);
  return compare(read(version), read(lowest)) < 0
    ? [`After ${released} the contract's changes take ${lowest} at least, not ${version}.`]
    : [];
}

function read(text: string): Version {
  const [major = Number.NaN, minor = Number.NaN, patch = Number.NaN] = text.split(".").map(Number);
  return [major, minor, patch];
}

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
