/** What can save a call to Chime. */
export const savedBy = [
  /** It was asked for again what was loaded already, or about to be. */
  "deduplication",
  /** ListUsers pages brought several users each. */
  "plan",
  /** Another request was asking for the same. */
  "joining",
  /** It was asked for a moment ago. */
  "cache",
] as const;

/** Calls that were not made, by what has saved them. */
export type Savings = Readonly<Record<(typeof savedBy)[number], number>>;
