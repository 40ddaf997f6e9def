import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, userQuery, usersQuery } from "../support/graphqlClient.js";
import { createHarness, type Harness, onGateway } from "../support/harness.js";
import { startIssuer } from "../support/issuer.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";

/** How long callers wait while Chime throttles, and what becomes of the calls of clients that have disconnected. */
export async function fairness(): Promise<Row[]> {
  return [
    ...(await quietCaller()),
    await onGateway({}, (harness) => disconnectedCallers(harness)),
    await onGateway({}, (harness) => storm(harness)),
    await onGateway({}, (harness) => throttledWrites(harness)),
  ];
}

const lookups = 10;

/** One lookup of one caller, while another one has 4 requests of 250 lookups waiting. */
async function quietCaller(): Promise<Row[]> {
  const issuer = await startIssuer();
  const chime = await startChime({ CHIME_LOCAL_USERS: "2000" });
  const gateway = await startGatewayOn(chime.url, issuer.env);
  const harness = createHarness(gateway);
  const askAs = (token: string, query: string, variables: object) =>
    ask(gateway.url, { query, variables }, { authorization: `Bearer ${token}` });
  try {
    const scope = "chime:read chime:pin";
    const [busy, quiet] = await Promise.all(["busy", "quiet"].map((sub) => issuer.sign({ sub, scope })));
    const { accountId, userIds } = await harness.chime.createPeople(1_000);
    const rows: Row[] = [];
    for (const { perSecond, limit } of [
      { perSecond: 10, limit: 1_000 },
      { perSecond: 50, limit: 300 },
    ]) {
      await harness.setFaults({ kind: "throttle", perSecond, burst: perSecond });
      const crowd = Array.from({ length: 4 }, (_, n) =>
        askAs(busy ?? "", usersQuery, { accountId, userIds: userIds.slice(n * 250, (n + 1) * 250) }),
      );
      await sleep(1_500);
      const waits: number[] = [];
      let answered = 0;
      for (let lookup = 0; lookup < lookups; lookup++) {
        const began = performance.now();
        const { data } = await askAs(quiet ?? "", userQuery, { accountId, userId: userIds[lookup] });
        waits.push(performance.now() - began);
        if (data?.user?.personalPin) answered++;
      }
      await harness.setFaults();
      await Promise.all(crowd);
      rows.push({
        promise: `While Chime accepts ${perSecond} calls a second and another caller waits for 4 x 250 lookups, a single lookup is answered within ${limit} ms, ${lookups} times in a row`,
        figure: `${answered} answered, the slowest in ${Math.max(...waits).toFixed(0)} ms`,
        ok: answered === lookups && Math.max(...waits) <= limit,
      });
    }
    return rows;
  } finally {
    await Promise.all([gateway.stop(), chime.stop(), issuer.close()]);
  }
}

/** 50 clients disconnect while Chime throttles; then it stops throttling. */
async function disconnectedCallers(harness: Harness): Promise<Row> {
  const { accountId, userIds } = await harness.chime.createPeople(51);
  await harness.tryAsk(userQuery, { accountId, userId: userIds[0] });
  await harness.setFaults({ kind: "429" });
  const client = new AbortController();
  setMaxListeners(0, client.signal);
  const disconnected = userIds
    .slice(1)
    .map((userId) => harness.tryAsk(userQuery, { accountId, userId }, client.signal));
  await sleep(1_000);
  client.abort();
  await Promise.all(disconnected);
  await harness.setFaults();
  await harness.forgetCalls();
  const began = performance.now();
  const { data } = await harness.tryAsk(userQuery, { accountId, userId: userIds[0] });
  const took = performance.now() - began;
  const arrivals = await harness.countCalls();
  return {
    promise: "After 50 throttled clients have disconnected, the next caller is answered within half a second",
    figure: `${data?.user?.personalPin ? "answered" : "not answered"} in ${took.toFixed(0)} ms, ${arrivals} calls`,
    ok: Boolean(data?.user?.personalPin) && took <= 500 && arrivals === 1,
  };
}

/** Chime throttles everything for half a second. */
async function storm(harness: Harness): Promise<Row> {
  const { accountId, userIds } = await harness.chime.createPeople(200);
  await harness.setFaults({ kind: "latency", ms: 20 });
  const ends: number[] = [];
  let hasEnded = false;
  let errors = 0;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let n = client; !hasEnded; n += 8) {
      const { data } = await harness.tryAsk(userQuery, { accountId, userId: userIds[n % userIds.length] });
      if (data?.user?.personalPin) ends.push(performance.now());
      else errors++;
    }
  });
  await sleep(2_000);
  const normal = rate(ends, performance.now() - 1_000);
  await harness.setFaults({ kind: "latency", ms: 20 }, { kind: "429" });
  await sleep(500);
  await harness.setFaults({ kind: "latency", ms: 20 });
  await sleep(4_000);
  const after = rate(ends, performance.now() - 1_000);
  hasEnded = true;
  await Promise.all(clients);
  await harness.setFaults();
  return {
    promise:
      "Four seconds after half a second of throttling, throughput is at least 90 % of what it was before",
    figure: `${normal} a second before, ${after} after; ${errors} errors`,
    ok: after >= 0.9 * normal && errors === 0,
  };
}

const rate = (ends: readonly number[], from: number): number => ends.filter((end) => end >= from).length;

async function throttledWrites(harness: Harness): Promise<Row> {
  const { accountId, userIds } = await harness.chime.createPeople(100);
  await harness.setFaults({ kind: "throttle", perSecond: 10 });
  const mutation = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`;
  const waits: number[] = [];
  const answers = await Promise.all(
    userIds.map(async (userId) => {
      const began = performance.now();
      const answer = await harness.tryAsk(mutation, { input: { accountId, userId, licenseType: "PRO" } });
      waits.push(performance.now() - began);
      return answer;
    }),
  );
  await harness.setFaults();
  const codes = answers.map(({ data, errors }) => (data?.updateUser ? "done" : errors?.[0]?.extensions.code));
  const done = codes.filter((code) => code === "done").length;
  const throttled = codes.filter((code) => code === "THROTTLED").length;
  return {
    promise: "100 throttled writes at once all end within their deadline of 10 s, done or with THROTTLED",
    figure: `${done} done, ${throttled} THROTTLED, the slowest after ${(Math.max(...waits) / 1_000).toFixed(1)} s`,
    ok: done + throttled === 100 && Math.max(...waits) <= 10_000,
  };
}
