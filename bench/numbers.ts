/** The middle one; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

export const ratios = (above: readonly number[], below: readonly number[]): number[] =>
  above.map((number, index) => number / (below[index] ?? Number.NaN));
