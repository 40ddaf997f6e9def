/** The factor by which a query's ratio may grow from one benchmark to the next. */
const tolerance = 1.25;

interface Figures {
  /** CPU time in relation to the REST endpoint's on the same machine, so that machines are comparable. */
  readonly ratio: number;
  readonly calls: number;
}

/** The figures that have become worse from one bench/RESULTS.md to another. */
export function benchProblems(before: string, after: string): string[] {
  const last = gatewayFigures(before);
  const now = gatewayFigures(after);
  if (last.size === 0)
    return ["The last results have no figures of this gateway: there is nothing to compare with."];
  return [...last].flatMap(([query, was]) => {
    const is = now.get(query);
    if (!is) return [`${query} is no longer measured.`];
    // NaN compares as false.
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
  // Number('') would be 0.
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
