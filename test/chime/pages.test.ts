import { describe, expect, test } from "vitest";
import { EndlessListError, type FetchPage, readConnection } from "../../src/chime/pages.js";

/** A list of numbers whose pages are shorter than asked for. */
const shortPages =
  (size: number, pageSize: number): FetchPage<number> =>
  async (maxResults, token = "0") => {
    const start = Number(token);
    const end = Math.min(size, start + Math.min(pageSize, maxResults));
    return {
      rows: Array.from({ length: end - start }, (_, i) => start + i),
      nextToken: end < size ? String(end) : undefined,
    };
  };

describe("reading a connection", () => {
  test("is not put off by pages that are shorter than asked for", async () => {
    const page = await readConnection(["list"], shortPages(1000, 50), { first: 1000 });

    expect(page.nodes).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(page.hasNextPage).toBe(false);
  });

  test("ends early, and can be gone on with, where pages are very short", async () => {
    const fetchPage = shortPages(1000, 3);
    const page = await readConnection(["list"], fetchPage, { first: 1000 });
    const next = await readConnection(["list"], fetchPage, {
      first: 5,
      after: page.cursor(page.nodes.length - 1),
    });

    expect(page.nodes).toEqual(Array.from({ length: 75 }, (_, i) => i));
    expect(page.hasNextPage).toBe(true);
    expect(next.nodes).toEqual([75, 76, 77, 78, 79]);
  });

  test.each([1, 2, 7])(
    "a list whose tokens repeat every %i pages is an error within 10 pages",
    async (period) => {
      let calls = 0;
      const fetchPage: FetchPage<number> = async () => ({ rows: [calls], nextToken: `t${calls++ % period}` });

      await expect(readConnection(["list"], fetchPage, { first: 100 })).rejects.toThrow(EndlessListError);
      expect(calls).toBeLessThanOrEqual(10);
    },
  );

  test("a list of empty pages is an error", async () => {
    let calls = 0;
    const fetchPage: FetchPage<number> = async () => ({ rows: [], nextToken: `t${calls++}` });

    await expect(readConnection(["list"], fetchPage, { first: 100 })).rejects.toThrow(EndlessListError);
  });
});
