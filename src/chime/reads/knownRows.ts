/** Rows of one list, for all its filters, such as the rooms of an account. */
class Rows {
  readonly #byId = new Map<string, object>();
  /** Indexed at the first lookup: most lists are read for themselves. */
  #pages: { readonly rows: readonly object[]; readonly idOf: (row: never) => string }[] = [];
  readonly pending = new Set<Promise<unknown>>();

  add<Row extends object>(rows: readonly Row[], idOf: (row: Row) => string): void {
    this.#pages.push({ rows, idOf });
  }

  find(id: string): object | undefined {
    for (const { rows, idOf } of this.#pages) for (const row of rows) this.#byId.set(idOf(row as never), row);
    this.#pages = [];
    return this.#byId.get(id);
  }
}

/** The rows that a request has read, by list: lookups of single objects find them there. */
export class KnownRows {
  readonly #lists = new Map<string, Rows>();

  /** @param list identifies the list, without its filters */
  in(list: string): Rows {
    const rows = this.#lists.get(list) ?? new Rows();
    this.#lists.set(list, rows);
    return rows;
  }

  clear(): void {
    this.#lists.clear();
  }
}
