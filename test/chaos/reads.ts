import pLimit from "p-limit";
import { ask, userQuery } from "../support/graphqlClient.js";
import { type Harness, onGateway } from "../support/harness.js";
import { startGatewayOn } from "../support/processes.js";
import { percent, type Row } from "../support/report.js";
import { type Stub, startStub } from "../support/stub.js";

/** Reads of one user each; Chime fails one call in twenty. */
const readsUnderFaults = 2_000;
const atOnce = 40;

export async function reads(): Promise<Row[]> {
  return [...(await faultyReads(readsUnderFaults)), ...(await endlessLists())];
}

/** A third each of resets, 500s and 429s. */
const faults = ["reset-before", "500", "429"].map((kind, seed) => ({
  kind,
  seed,
  operation: "GetUser",
  probability: 0.05 / 3,
}));

async function faultyReads(count: number): Promise<Row[]> {
  const { right, arrivals } = await onGateway({}, (harness) => readUnderFaults(harness, count));
  return [
    {
      promise: "With 5 % resets, 500s and 429s, 99.9 % of reads return what Chime has",
      figure: `${percent(right, count)} of ${count}`,
      ok: right >= 0.999 * count,
    },
    {
      promise: "and a read takes at most 1.15 calls to Chime",
      figure: (arrivals / count).toFixed(3),
      ok: arrivals <= 1.15 * count,
    },
  ];
}

/** Reads users, one a request. @returns how many reads gave what Chime has, and how many calls came to Chime */
export async function readUnderFaults(
  { chime, ...harness }: Harness,
  count: number,
): Promise<{ right: number; arrivals: number }> {
  const limit = pLimit(atOnce);
  const { accountId, userIds } = await chime.createPeople(Math.min(200, count));
  const truth = new Map(
    await limit.map(userIds, async (userId) => {
      const { PersonalPIN: personalPin, PrimaryEmail: primaryEmail } = await chime.user(accountId, userId);
      return [userId, JSON.stringify({ primaryEmail, personalPin })] as const;
    }),
  );
  await harness.setFaults(...faults);
  await harness.forgetCalls();
  const wanted = Array.from({ length: count }, (_, index) => userIds[index % userIds.length] ?? "");
  const right = await limit.map(wanted, async (userId) => {
    const { data, errors } = await harness.tryAsk(userQuery, { accountId, userId });
    return !errors && JSON.stringify(data?.user) === truth.get(userId);
  });
  return { right: right.filter(Boolean).length, arrivals: await harness.countCalls() };
}

/** Every way to read a list, by its title. */
const listQueries: Readonly<Record<string, string>> = {
  accounts: "{ accounts(first: 1000) { nodes { accountId } } }",
  "an account's users": `{ account(accountId: "a") { users(first: 1000) { nodes { userId } } } }`,
  "users by id": `{ users(accountId: "a", userIds: [${Array.from({ length: 100 }, (_, n) => `"absent-${n}"`)}]) { displayName } }`,
  "a user by e-mail": `{ userByEmail(email: "nobody@example.com") { userId } }`,
};

/** These end with the error itself; the others find a user, or none, within their own page budgets. */
const wholeLists = new Set(["accounts", "an account's users"]);

interface EndlessChime extends Stub {
  /** List pages since the last time that this was called. */
  takePages(): number;
}

/** A Chime whose lists return to their own beginning after this many pages. */
export async function startEndlessChime(period: number): Promise<EndlessChime> {
  let pages = 0;
  const stub = await startStub((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://chime");
    const token = Number(searchParams.get("next-token") ?? 0);
    const account = { AwsAccountId: "1", AccountId: "a", Name: "A" };
    const user = { AccountId: "a", UserId: `user-${token}` };
    const NextToken = String((token % period) + 1);
    const isAccount = pathname === "/accounts/a";
    // A lookup of a single user is not a list.
    const isUser = pathname.startsWith("/accounts/a/users/");
    if (!isAccount && !isUser) pages += 1;
    response.statusCode = isUser ? 404 : 200;
    response.setHeader("content-type", "application/json");
    if (isUser) response.setHeader("x-amzn-errortype", "NotFoundException").end(`{"Code":"NotFound"}`);
    else if (isAccount) response.end(JSON.stringify({ Account: account }));
    else response.end(JSON.stringify({ Accounts: [account], Users: [user], NextToken }));
  });
  return {
    ...stub,
    takePages() {
      const taken = pages;
      pages = 0;
      return taken;
    },
  };
}

async function endlessLists(): Promise<Row[]> {
  const found = { pages: [] as number[], clear: [] as boolean[] };
  for (const period of [1, 2, 7]) {
    const chime = await startEndlessChime(period);
    const gateway = await startGatewayOn(chime.url);
    try {
      const { pages, clear } = await readLists(gateway.url, chime);
      found.pages.push(...pages);
      found.clear.push(...clear);
    } finally {
      await gateway.stop();
      await chime.close();
    }
  }
  const maxPages = Math.max(...found.pages);
  const clear = found.clear.filter(Boolean).length;
  return [
    {
      promise:
        "A list whose page tokens repeat, with period 1, 2 or 7, ends within 10 pages with an error that reports it",
      figure: `at most ${maxPages} pages, ${clear} of ${found.clear.length} with the error`,
      ok: maxPages <= 10 && clear === found.clear.length,
    },
  ];
}

/** Reads every list. @returns the pages that each took, and whether each that is read to its end has the error */
export async function readLists(
  url: string,
  chime: EndlessChime,
): Promise<{ pages: number[]; clear: boolean[] }> {
  const pages: number[] = [];
  const clear: boolean[] = [];
  for (const [title, query] of Object.entries(listQueries)) {
    const { errors } = await ask(url, { query });
    pages.push(chime.takePages());
    if (wholeLists.has(title))
      clear.push(errors?.length === 1 && /does not end/.test(errors[0]?.message ?? ""));
  }
  return { pages, clear };
}
