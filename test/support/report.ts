/** A promise and what was measured. */
export interface Row {
  /** With the figure that is required: "A read takes at most 1.15 calls". */
  readonly promise: string;
  readonly figure: string;
  readonly ok: boolean;
}

/** As a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["promise", "figure", "ok"],
    ["---", "---", "---"],
    ...rows.map(({ promise, figure, ok }) => [promise, figure, ok ? "yes" : "NO"]),
  ];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** `99.95 %` */
export const percent = (part: number, whole: number): string =>
  `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(2)} %`;
