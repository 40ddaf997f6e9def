import type { FetchPage } from "../../src/chime/reads/pagination.js";

/** Pages with these rows, in this order. If they are endless, the last one has a token as well. */
export function pagesOf(pages: readonly (readonly number[])[], isEndless = false) {
  let calls = 0;
  const fetchPage: FetchPage<number> = async (_maxResults, token = "0") => {
    calls++;
    const index = Number(token);
    const goesOn = isEndless || index + 1 < pages.length;
    return { rows: pages[index] ?? [], nextToken: goesOn ? `${index + 1}` : undefined };
  };
  return {
    fetchPage,
    get calls() {
      return calls;
    },
  };
}
