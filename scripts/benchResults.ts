/** How much more of the CPU than in the last benchmark a query may take, beside what a REST endpoint takes. */
const tolerance = 1.25;

interface Figures {
  /** Of the CPU time that the REST endpoint takes on the same machine: what makes machines comparable. */
  readonly ratio: number;
  readonly calls: number;
}

/** What has become worse from one bench/RESULTS.md to another. */
export function benchProblems(before: string, after: string): string[] {
  const last = gatewayFigures(before);
  const now = gatewayFigures(after);
  if (last.size === 0)
    return ["The last results have no figures of this gateway: there is nothing to compare with."];
  return [...last].flatMap(([query, was]) => {
    const is = now.get(query);
    if (!is) return [`${query} is no longer measured.`];
    // What is no number is greater than none.
    if (![is.ratio, is.calls, was.ratio, was.calls].every(Number.isFinite))
      return [`${query} has no figure under "ratio" or "calls".`];
    return [
      ...(is.ratio > was.ratio * tolerance
        ? [`${query} takes ${is.ratio} times the REST endpoint's CPU time; it was ${was.ratio}.`]
        : []),
      ...(is.calls > was.calls ? [`${query} takes ${is.calls} calls to Chime; it was ${was.calls}.`] : []),
    ];
  });
}

function gatewayFigures(results: string): Map<string, Figures> {
  const table = results.split("\n").filter((line) => line.startsWith("|"));
  const [head = [], , ...rows] = table.map((line) => line.split("|").map((cell) => cell.trim()));
  // An empty cell is no 0.
  const figure = (row: readonly string[], column: string) => Number(row[head.indexOf(column)] || Number.NaN);
  return new Map(
    rows
      .filter((row) => row[head.indexOf("contender")] === "this gateway")
      .map((row) => [
        String(row[head.indexOf("query")]),
        { ratio: figure(row, "ratio"), calls: figure(row, "calls") },
      ]),
  );
}
