/**
 * Names that clients choose, as metric labels. Each makes time series that live as long as the process: so their number is
 * limited.
 */
export interface NameLabels {
  /** Adds names that do not count toward the limit. */
  add(names: Iterable<string>): void;
  /**
   * @param isExecuted whether the operation began: the names of a rejected one are not added
   * @returns the name, or `other` if it is new and cannot be added
   */
  labelOf(name: string, isExecuted: boolean): string;
}

/** Each operation makes some 50 time series: an application has fewer operations than this, or persists them. */
const defaultMaxNames = 100;

/** @param maxNames names that are added because their operations were executed */
export function createNameLabels(maxNames = defaultMaxNames): NameLabels {
  // The empty name stands for all anonymous operations, or clients.
  const labels = new Set([""]);
  let added = 0;

  return {
    add(names) {
      for (const name of names) labels.add(name);
    },
    labelOf(name, isExecuted) {
      if (labels.has(name)) return name;
      if (!isExecuted || added === maxNames) return "other";
      added++;
      labels.add(name);
      return name;
    },
  };
}
