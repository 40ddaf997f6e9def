/** How much more of the CPU than in the last benchmark a query may take, beside what a REST endpoint takes. */
const tolerance = 1.25;

interface Figures {
  /** Of the CPU time that the REST endpoint takes on the same machine: what makes machines comparable. */
  readonly ratio: number;
  readonly calls: number;
}

/** What has become worse from one bench/RESULTS.md to another. */
export function benchProblems(before: string, after: string): string[] {
  const now = gatewayFigures(after);
  return [...gatewayFigures(before)].flatMap(([query, was]) => {
    const is = now.get(query);
    if (!is) return [`${query} is no longer measured.`];
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
  const figure = (row: readonly string[], column: string) => Number(row[head.indexOf(column)]);
  return new Map(
    rows
      .filter((row) => row[head.indexOf("contender")] === "this gateway")
      .map((row) => [
        String(row[head.indexOf("query")]),
        { ratio: figure(row, "ratio"), calls: figure(row, "calls") },
      ]),
  );
}
