import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidCursorError } from "../../../src/chime/reads/cursors.js";
import {
  EndlessListError,
  type FetchPage,
  type PageRequest,
  readConnection,
} from "../../../src/chime/reads/pagination.js";
import { pagesOf } from "../../support/listPages.js";

const read = (fetchPage: FetchPage<number>, request: PageRequest) =>
  readConnection({ key: ["list"], fetchPage, pageSize: 200, idOf: (row) => `id-${row}` }, request);

/**
 * A list of rows in the order of their numbers, as a database keeps it: a token leads to the rows after a number. Pages may
 * be shorter than asked for, even empty.
 */
function listOf(rows: () => readonly number[], lengths: readonly number[] = [200]) {
  let calls = 0;
  const fetchPage: FetchPage<number> = async (maxResults, token = "-1") => {
    const length = Math.min(maxResults, lengths[calls++ % lengths.length] ?? 200);
    const left = rows().filter((row) => row > Number(token));
    const page = left.slice(0, length);
    // Chime may go through rows that a filter leaves out: an empty page leads on all the same.
    const nextToken =
      left.length > length ? `${page.at(-1) ?? `${token}${calls % 2 ? " " : ""}`}` : undefined;
    return { rows: page, nextToken };
  };
  return {
    fetchPage,
    get calls() {
      return calls;
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const numbers = (size: number, lengths?: readonly number[]) =>
  listOf(() => range(0, size), lengths).fetchPage;

describe("reading a connection", () => {
  test("continues after pages that are shorter than requested", async () => {
    const page = await read(numbers(1000, [50]), { first: 1000 });

    expect(page.nodes).toEqual(range(0, 1000));
    expect(page.hasNextPage).toBe(false);
  });

  test("ends early if pages are very short, and the next request continues there", async () => {
    const fetchPage = numbers(1000, [3]);
    const page = await read(fetchPage, { first: 1000 });
    const next = await read(fetchPage, { first: 5, after: page.cursor(page.nodes.length - 1) });

    expect(page.nodes).toEqual(range(0, 75));
    expect(page.hasNextPage).toBe(true);
    expect(next.nodes).toEqual([75, 76, 77, 78, 79]);
  });

  test.each([1, 2, 7])(
    "reports an error within 10 pages if the list's tokens repeat every %i pages",
    async (period) => {
      let calls = 0;
      const fetchPage: FetchPage<number> = async () => ({ rows: [calls], nextToken: `t${calls++ % period}` });

      await expect(read(fetchPage, { first: 100 })).rejects.toThrow(EndlessListError);
      expect(calls).toBeLessThanOrEqual(10);
    },
  );
});

describe("a cursor finds its row again", () => {
  /** Reads on after a row of a page of a list that has changed since. */
  async function readAfter(row: number, before: readonly number[], now: readonly number[], first = 3) {
    let rows = before;
    const list = listOf(() => rows);
    const page = await read(list.fetchPage, { first: 200 });
    const after = page.cursor(page.nodes.indexOf(row));
    rows = now;
    const callsBefore = list.calls;
    const { nodes } = await read(list.fetchPage, { first, after });
    return { nodes, calls: list.calls - callsBefore };
  }
  const all = range(0, 40);
  const without = (...removed: number[]) => all.filter((row) => !removed.includes(row));

  test.each<[string, readonly number[], readonly number[], number]>([
    ["where nothing has changed", all, [11, 12, 13], 1],
    ["after a row before it was removed", without(4), [11, 12, 13], 1],
    ["after all rows before it were removed", without(...range(0, 10)), [11, 12, 13], 1],
    ["where rows before it were added", [...range(-20, 0).map((n) => n + 0.5), ...all], [11, 12, 13], 2],
    ["where a row right before it was added", [...all, 9.5].toSorted((a, b) => a - b), [11, 12, 13], 2],
    ["where a row right after it was added", [...all, 10.5].toSorted((a, b) => a - b), [10.5, 11, 12], 1],
    ["after rows after it were removed", without(11, 13), [12, 14, 15], 1],
    ["after it was removed", without(10), [11, 12, 13], 2],
    ["after it and a row before it were removed", without(3, 10), [11, 12, 13], 2],
    ["after it and the row before it were removed", without(9, 10), [11, 12, 13], 2],
    ["after it and all rows before it were removed", without(...range(0, 11)), [11, 12, 13], 2],
    ["after it and all rows after it were removed", range(0, 10), [], 1],
  ])("%s", async (_where, now, nodes, calls) => {
    expect(await readAfter(10, all, now)).toEqual({ nodes, calls });
  });

  test("as the last of a page, by the page's own token", async () => {
    let rows = range(0, 400);
    const list = listOf(() => rows);
    const { cursor } = await read(list.fetchPage, { first: 300 });
    rows = rows.filter((row) => row % 7 !== 3 && row !== 199);

    expect((await read(list.fetchPage, { first: 3, after: cursor(199) })).nodes).toEqual([200, 201, 202]);
  });

  test("as the last of the list, after the list has grown", async () => {
    let rows = range(0, 10);
    const list = listOf(() => rows);
    const { cursor } = await read(list.fetchPage, { first: 50 });
    rows = range(1, 15);

    expect((await read(list.fetchPage, { first: 3, after: cursor(9) })).nodes).toEqual([10, 11, 12]);
  });

  test("whatever changes before it and however long pages are, without skipping a row", async () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { maxLength: 500 });
    const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        some,
        some,
        fc.double({ min: 0, max: 1, noNaN: true }),
        lengths,
        fc.integer({ min: 1, max: 300 }),
        fc.nat(999),
        fc.integer({ min: 1, max: 300 }),
        async (base, changes, share, pageLengths, size, pick, first) => {
          let rows = base.toSorted((a, b) => a - b);
          const list = listOf(() => rows, pageLengths);
          const page = await read(list.fetchPage, { first: size });
          if (page.nodes.length === 0) return;
          const index = pick % page.nodes.length;
          const row = page.nodes[index] ?? Number.NaN;
          const after = page.cursor(index);

          // Each of these rows comes or goes.
          const toggled = new Set(changes.slice(0, Math.ceil(share * changes.length)));
          rows = range(0, 601).filter((n) => base.includes(n) !== toggled.has(n));
          const { nodes, hasNextPage } = await read(list.fetchPage, { first, after });

          const rest = rows.filter((n) => n > row);
          const begin = rows.indexOf(nodes[0] ?? row + 1);
          expect(nodes).toEqual(nodes.length > 0 ? rows.slice(begin, begin + nodes.length) : []);
          // A row may repeat if the cursor's own was removed, but none is skipped.
          if (rest.length > 0) expect(nodes[0]).toBeLessThanOrEqual(rest[0] ?? Number.NaN);
          if (rows.includes(row)) expect(nodes).toEqual(rest.slice(0, nodes.length));
          const isWhole = nodes.length === first || rows.at(-1) === nodes.at(-1) || rest.length === 0;
          if (!isWhole) expect(hasNextPage).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("repeats few rows after many were removed", async () => {
    const rows = range(0, 200);
    // Of twenty rows before the cursor only every fifth is still there.
    const now = rows.filter((row) => row < 100 || row > 120 || row % 5 === 0).filter((row) => row !== 120);
    const { nodes } = await readAfter(120, rows, now, 5);

    expect(nodes.length).toBe(5);
    expect(nodes[0]).toBeGreaterThan(80);
    expect(nodes[0]).toBeLessThanOrEqual(121);
  });

  test("is short, and reveals nothing of the row", async () => {
    const { cursor } = await readConnection(
      {
        key: ["list"],
        fetchPage: numbers(200),
        pageSize: 200,
        idOf: (row) => `0dc8b473-7317-1c14-fe0f-${row}`,
      },
      { first: 200 },
    );

    for (const index of [0, 5, 198, 199]) {
      expect(cursor(index).length).toBeLessThan(130);
      expect(Buffer.from(cursor(index), "base64url").toString()).not.toContain("7317");
    }
  });
});

describe("a cursor of version 0.2.0", () => {
  const old = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");

  test("is accepted: it counts rows from its page's start", async () => {
    const { cursor } = await read(numbers(50), { first: 5 });
    const [fingerprint] = JSON.parse(Buffer.from(cursor(3), "base64url").toString());
    const nodesAfter = async (after: string) => (await read(numbers(50), { first: 2, after })).nodes;

    expect(await nodesAfter(old(fingerprint, 4, null))).toEqual([4, 5]);
    expect(await nodesAfter(old(fingerprint, 4))).toEqual([4, 5]);
    expect(await nodesAfter(old(fingerprint, 2, "10"))).toEqual([13, 14]);
  });

  test("has the positions that a current cursor begins with, so that 0.2.0 accepts current cursors", async () => {
    const { cursor } = await read(numbers(50), { first: 5 });

    expect(JSON.parse(Buffer.from(cursor(3), "base64url").toString())).toEqual([
      expect.stringMatching(/^[\w-]{8}$/),
      4,
      null,
      expect.stringMatching(/^[a-z0-9]{18}$/),
    ]);
  });

  test.each([
    ["rows below zero", (list: string) => old(list, -1, null)],
    ["more rows than a page has", (list: string) => old(list, 201, null)],
    ["half a row", (list: string) => old(list, 1.5, null)],
    ["a token that is a number", (list: string) => old(list, 1, 5)],
    ["marks that are a list", (list: string) => old(list, 1, null, ["a"])],
    ["marks that are none", (list: string) => old(list, 1, null, "A b")],
    ["marks without end", (list: string) => old(list, 1, null, "a".repeat(60))],
    ["another list", () => old("else", 1, null)],
    ["no JSON", () => "junk"],
  ])("or of no version, with %s, is rejected before any call", async (_what, cursorOf) => {
    const list = pagesOf([[1, 2, 3]]);
    const { cursor } = await read(list.fetchPage, { first: 2 });
    const [fingerprint] = JSON.parse(Buffer.from(cursor(0), "base64url").toString());

    await expect(read(list.fetchPage, { first: 1, after: cursorOf(fingerprint) })).rejects.toThrow(
      InvalidCursorError,
    );
    expect(list.calls).toBe(1);
  });
});
