import type { Cell, Column } from "./columns.js";

export interface Format {
  readonly contentType: string;
  /** The text before the rows. */
  head(columns: readonly Column[]): string;
  row(columns: readonly Column[], cells: readonly Cell[]): string;
}

/**
 * Where a spreadsheet would execute a cell, by https://owasp.org/www-community/attacks/CSV_Injection: it begins with one of
 * these characters. One that separates cells by semicolons or tabs, or ends a row in spite of the quotes, finds more of them
 * within one of ours, and takes quotes before them as its own.
 */
const executable = /^(?=[=+\-@\t\r\n＝＋－＠])|(?=[=+\-@＝＋－＠])(?<=[,;\t\r\n]"*)/g;
/** Most cells are sent as they are. */
const isSpecial = /^[=+\-@＝＋－＠\s]|[",;\t\r\n]|\s$/;
const needsQuotes = /[",;\t\r\n]|^\s|\s$/;

function csvCell(cell: Cell): string {
  if (typeof cell !== "string") return String(cell ?? "");
  if (!isSpecial.test(cell)) return cell;
  const text = cell.replace(executable, "'");
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvRow = (cells: readonly Cell[]) => `${cells.map(csvCell).join(",")}\r\n`;

export const formats = {
  /** RFC 4180. */
  csv: {
    contentType: "text/csv; charset=utf-8",
    head: csvRow,
    row: (_columns, cells) => csvRow(cells),
  },
  jsonl: {
    contentType: "application/jsonl; charset=utf-8",
    head: () => "",
    row: (columns, cells) =>
      `{${columns.map((column, index) => `"${column}":${JSON.stringify(cells[index] ?? null)}`).join(",")}}\n`,
  },
} satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof formats;
