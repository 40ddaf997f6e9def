/**
 * Names of operations that metrics may bear. Each makes series of its own for as long as the process lives, and anybody
 * can make up names, so there is an end to them.
 */
export interface OperationNames {
  /** Makes names known, whatever their number. */
  know(names: Iterable<string>): void;
  /**
   * The name itself if it is known, or is one of the first that have been answered; else `other`.
   *
   * @param answered whether the operation was begun: what is refused makes no name known
   */
  labelOf(name: string, answered: boolean): string;
}

/** Each name makes some 40 series: an application has fewer operations than this, or persists them. */
const maxLearned = 100;

/** @param most names that become known by being answered */
export function createOperationNames(most = maxLearned): OperationNames {
  // An operation without a name is one for all.
  const known = new Set([""]);
  let learned = 0;

  return {
    know(names) {
      for (const name of names) known.add(name);
    },
    labelOf(name, answered) {
      if (known.has(name)) return name;
      if (!answered || learned === most) return "other";
      learned++;
      known.add(name);
      return name;
    },
  };
}
