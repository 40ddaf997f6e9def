import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { runChangeScript } from "../support/changeScript.js";
import { createHarness, type Harness } from "../support/harness.js";
import { type Program, startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";

/** Users of the account in which people are searched. */
const users = 100_000;

/** What Chime has no calls for: filtered lists, counts and exports, of an account of 100,000 users. */
export async function findPeople(): Promise<Row[]> {
  const chime = await startChime({ CHIME_LOCAL_USERS: String(users) });
  const gateway = await startGatewayOn(chime.url, { LOG_LEVEL: "silent" });
  const harness = createHarness(gateway);
  try {
    const [account] = await harness.chime.accountsNamed("Meridian Logistics");
    const accountId = account?.AccountId ?? "";
    return [
      await filter(harness, accountId),
      await summary(harness, accountId),
      ...(await exports(harness, gateway, accountId)),
      await change(chime.url),
    ];
  } finally {
    harness.close();
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}

async function filter(harness: Harness, accountId: string): Promise<Row> {
  await harness.forgetCalls();
  const { data } = await harness.ask(
    `query ($accountId: ID!, $filter: UserFilter) {
      account(accountId: $accountId) { users(first: 50, filter: $filter) { nodes { licenseType userRegistrationStatus } } }
    }`,
    { accountId, filter: { licenseTypes: ["PRO"], userRegistrationStatuses: ["UNREGISTERED"] } },
  );
  const { nodes } = data.account.users;
  const calls = (await harness.calls())["ListUsers"] ?? 0;
  return {
    promise: `Of ${users} users, the first 50 unregistered Pro licenses take at most 10 calls`,
    figure: `${nodes.length} users in ${calls} calls`,
    ok: nodes.length === 50 && calls <= 10,
  };
}

async function summary(harness: Harness, accountId: string): Promise<Row> {
  await harness.setFaults({ kind: "latency", ms: 20 });
  await harness.forgetCalls();
  const started = performance.now();
  const { data } = await harness.ask(
    "query ($accountId: ID!) { account(accountId: $accountId) { userSummary { total isComplete } } }",
    { accountId },
  );
  const milliseconds = performance.now() - started;
  const calls = (await harness.calls())["ListUsers"] ?? 0;
  await harness.setFaults();
  const { total } = data.account.userSummary;
  return {
    promise: "A summary of 20,000 users takes 100 calls and at most 8 s, at 20 ms a call",
    figure: `${total} users in ${calls} calls, ${(milliseconds / 1000).toFixed(1)} s`,
    ok: total === 20_000 && calls === 100 && milliseconds <= 8_000,
  };
}

async function exports(harness: Harness, gateway: Program, accountId: string): Promise<Row[]> {
  const url = `${harness.url}/export/accounts/${accountId}/users.csv`;
  // Compiles what an export uses.
  await countLines(url);
  const idle = (await gateway.usage("usage without garbage")).heap;
  let highest = idle;
  const before = await gateway.usage();
  const started = performance.now();
  const rows = (await countLines(url)) - 1;
  const seconds = (performance.now() - started) / 1_000;
  const { cpu } = await gateway.usage();
  await countLines(url, async () => {
    highest = Math.max(highest, (await gateway.usage("usage without garbage")).heap);
  });
  return [
    {
      promise: `An export of ${users} users sends at least 20,000 rows a second`,
      figure: `${rows} rows at ${Math.round(rows / seconds)} a second, ${Math.round(((cpu - before.cpu) * 1_000) / rows)} µs of CPU each`,
      ok: rows === users && rows / seconds >= 20_000,
    },
    {
      promise: "While it runs, the heap in use is at most 30 MiB above idle",
      figure: `${(highest - idle).toFixed(1)} MiB above ${idle.toFixed(1)} MiB`,
      ok: highest - idle <= 30,
    },
  ];
}

async function change(chimeUrl: string): Promise<Row> {
  const users = 10_000;
  const kills = [500, 4_321];
  const { changes, changed, milliseconds } = await runChangeScript(
    chimeUrl,
    { users, perSecond: 10, kills },
    async (url) => {
      const gateway = await startGatewayOn(url, { LOG_LEVEL: "silent" });
      return { url: gateway.url, close: () => gateway.stop() };
    },
  );
  return {
    promise: `The documented loop changes ${users} users once each while Chime accepts 10 calls a second, killed twice`,
    figure: `${changes[1] ?? 0} changed once, ${changed} changed, in ${(milliseconds / 1000).toFixed(0)} s`,
    ok: changes[1] === users && Object.keys(changes).length === 1 && changed === users,
  };
}

/** @param onMegabyte called about once for each MB of the response */
async function countLines(url: string, onMegabyte?: () => Promise<void>): Promise<number> {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  let lines = 0;
  let bytes = 0;
  for await (const part of response) {
    const chunk = part as Buffer;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    bytes += chunk.length;
    if (!onMegabyte || bytes < 2 ** 20) continue;
    bytes = 0;
    await onMegabyte();
  }
  return lines;
}
