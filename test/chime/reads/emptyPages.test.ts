import { describe, expect, test } from "vitest";
import {
  EmptyPages,
  EndlessListError,
  type FetchPage,
  type PageRequest,
  readConnection,
} from "../../../src/chime/reads/pagination.js";
import { pagesOf } from "../../support/listPages.js";

const read = (fetchPage: FetchPage<number>, request: PageRequest, together?: EmptyPages) =>
  readConnection({ key: ["list"], fetchPage, pageSize: 200, idOf: (row) => `id-${row}` }, request, together);

describe("empty pages", () => {
  test("are followed three times in a row", async () => {
    const list = pagesOf([[], [], [], [1], [], [], [], [2]]);
    const { nodes, hasNextPage } = await read(list.fetchPage, { first: 10 });

    expect([nodes, hasNextPage, list.calls]).toEqual([[1, 2], false, 8]);
  });

  test("at the end of a list are its end", async () => {
    const list = pagesOf([[1], [], [], []]);
    const { nodes, hasNextPage } = await read(list.fetchPage, { first: 10 });

    expect([nodes, hasNextPage, list.calls]).toEqual([[1], false, 4]);
  });

  test("that never end are an error after three of them were followed", async () => {
    const list = pagesOf([], true);

    await expect(read(list.fetchPage, { first: 10 })).rejects.toThrow(EndlessListError);
    expect(list.calls).toBe(4);
  });

  test("that never end after some rows end the page, and hasNextPage is true", async () => {
    const list = pagesOf([[1, 2]], true);
    const page = await read(list.fetchPage, { first: 10 });

    expect([page.nodes, page.hasNextPage, list.calls]).toEqual([[1, 2], true, 5]);
    await expect(read(list.fetchPage, { first: 10, after: page.cursor(1) })).rejects.toThrow(
      EndlessListError,
    );
  });

  test("are not followed once there are enough rows", async () => {
    const list = pagesOf([[1, 2]], true);

    expect((await read(list.fetchPage, { first: 2 })).nodes).toEqual([1, 2]);
    expect(list.calls).toBe(1);
  });

  test("are not followed in the other lists once they were useless in one of them", async () => {
    const together = new EmptyPages();
    const lists = [...Array(100)].map(() => pagesOf([], true));
    const sound = pagesOf([[7]]);
    const ends = await Promise.allSettled(
      [...lists, sound].map((list) => read(list.fetchPage, { first: 1 }, together)),
    );

    expect(lists.reduce((sum, { calls }) => sum + calls, 0)).toBe(4 + 99);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("are followed in the other lists if they led on in one of them", async () => {
    const together = new EmptyPages();
    const lists = [...Array(20)].map((_, n) => pagesOf([[], [], [], [n]]));
    const found = await Promise.all(lists.map((list) => read(list.fetchPage, { first: 1 }, together)));

    expect(found.flatMap(({ nodes }) => nodes)).toEqual(lists.map((_, n) => n));
  });

  test("are followed in the other lists if the call after them failed in one", async () => {
    const together = new EmptyPages();
    const failing: FetchPage<number> = async (_maxResults, token) => {
      if (token) throw new Error("failed");
      return { rows: [], nextToken: "1" };
    };
    const [failed, found] = await Promise.allSettled([
      read(failing, { first: 1 }, together),
      read(pagesOf([[], [5]]).fetchPage, { first: 1 }, together),
    ]);

    expect(failed.status).toBe("rejected");
    expect(found).toMatchObject({ status: "fulfilled", value: { nodes: [5] } });
  });
});
