import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { startIssuer } from "../support/issuer.js";
import { startChime, startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";
import { type Answer, createScene, onGateway, type Scene, userQuery, usersQuery } from "./scene.js";

/** Who waits how long while Chime throttles, and what becomes of those who no longer wait. */
export async function fairness(): Promise<Row[]> {
  return [
    ...(await quietCaller()),
    await onGateway({}, (scene) => disconnectedCallers(scene)),
    await onGateway({}, (scene) => storm(scene)),
    await onGateway({}, (scene) => throttledWrites(scene)),
  ];
}

const turns = 10;

/** One lookup of one caller, while another one has 4 requests of 250 lookups waiting. */
async function quietCaller(): Promise<Row[]> {
  const issuer = await startIssuer();
  const chime = await startChime({ CHIME_LOCAL_USERS: "2000" });
  const gateway = await startGatewayOn(chime.url, issuer.env);
  const scene = createScene(gateway);
  const askAs = async (token: string, query: string, variables: object): Promise<Answer> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
  try {
    const scope = "chime:read chime:pin";
    const [busy, quiet] = await Promise.all(["busy", "quiet"].map((sub) => issuer.sign({ sub, scope })));
    const { accountId, userIds } = await scene.chime.createPeople(1_000);
    const rows: Row[] = [];
    for (const { perSecond, limit } of [
      { perSecond: 10, limit: 1_000 },
      { perSecond: 50, limit: 300 },
    ]) {
      await scene.faults({ kind: "throttle", perSecond, burst: perSecond });
      const crowd = Array.from({ length: 4 }, (_, n) =>
        askAs(busy ?? "", usersQuery, { accountId, userIds: userIds.slice(n * 250, (n + 1) * 250) }),
      );
      await sleep(1_500);
      const waits: number[] = [];
      let answered = 0;
      for (let turn = 0; turn < turns; turn++) {
        const began = performance.now();
        const { data } = await askAs(quiet ?? "", userQuery, { accountId, userId: userIds[turn] });
        waits.push(performance.now() - began);
        if (data?.user?.personalPin) answered++;
      }
      await scene.faults();
      await Promise.all(crowd);
      rows.push({
        promise: `Of a Chime that accepts ${perSecond} a second, one lookup beside another caller's 4 x 250 is answered within ${limit} ms, ${turns} times in a row`,
        figure: `${answered} answered, the slowest in ${Math.max(...waits).toFixed(0)} ms`,
        ok: answered === turns && Math.max(...waits) <= limit,
      });
    }
    return rows;
  } finally {
    await Promise.all([gateway.stop(), chime.stop(), issuer.close()]);
  }
}

/** 50 clients disconnect while Chime throttles; then it does not any more. */
async function disconnectedCallers(scene: Scene): Promise<Row> {
  const { accountId, userIds } = await scene.chime.createPeople(51);
  await scene.ask(userQuery, { accountId, userId: userIds[0] });
  await scene.faults({ kind: "429" });
  const client = new AbortController();
  setMaxListeners(0, client.signal);
  const gone = userIds.slice(1).map((userId) => scene.ask(userQuery, { accountId, userId }, client.signal));
  await sleep(1_000);
  client.abort();
  await Promise.all(gone);
  await scene.faults();
  await scene.forgetArrivals();
  const began = performance.now();
  const { data } = await scene.ask(userQuery, { accountId, userId: userIds[0] });
  const took = performance.now() - began;
  const arrivals = await scene.countOfArrivals();
  return {
    promise: "After 50 throttled clients have disconnected, the next caller is answered within 0.5 s",
    figure: `${data?.user?.personalPin ? "answered" : "not answered"} in ${took.toFixed(0)} ms, ${arrivals} calls`,
    ok: Boolean(data?.user?.personalPin) && took <= 500 && arrivals === 1,
  };
}

/** Chime throttles everything for half a second. */
async function storm(scene: Scene): Promise<Row> {
  const { accountId, userIds } = await scene.chime.createPeople(200);
  await scene.faults({ kind: "latency", ms: 20 });
  const ends: number[] = [];
  let isOver = false;
  let errors = 0;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let n = client; !isOver; n += 8) {
      const { data } = await scene.ask(userQuery, { accountId, userId: userIds[n % userIds.length] });
      if (data?.user?.personalPin) ends.push(performance.now());
      else errors++;
    }
  });
  await sleep(2_000);
  const normal = rate(ends, performance.now() - 1_000);
  await scene.faults({ kind: "latency", ms: 20 }, { kind: "429" });
  await sleep(500);
  await scene.faults({ kind: "latency", ms: 20 });
  await sleep(4_000);
  const after = rate(ends, performance.now() - 1_000);
  isOver = true;
  await Promise.all(clients);
  await scene.faults();
  return {
    promise:
      "In the fourth second after half a second of throttles, throughput is at least 90 % of what it was",
    figure: `${normal} a second before, ${after} after; ${errors} errors`,
    ok: after >= 0.9 * normal && errors === 0,
  };
}

const rate = (ends: readonly number[], from: number): number => ends.filter((end) => end >= from).length;

async function throttledWrites(scene: Scene): Promise<Row> {
  const { accountId, userIds } = await scene.chime.createPeople(100);
  await scene.faults({ kind: "throttle", perSecond: 10 });
  const mutation = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`;
  const waits: number[] = [];
  const answers = await Promise.all(
    userIds.map(async (userId) => {
      const began = performance.now();
      const answer = await scene.ask(mutation, { input: { accountId, userId, licenseType: "PRO" } });
      waits.push(performance.now() - began);
      return answer;
    }),
  );
  await scene.faults();
  const codes = answers.map(({ data, errors }) => (data?.updateUser ? "done" : errors?.[0]?.extensions.code));
  const done = codes.filter((code) => code === "done").length;
  const throttled = codes.filter((code) => code === "THROTTLED").length;
  return {
    promise:
      "Of 100 throttled writes at once none exceeds its deadline of 10 s, and those that are not done are THROTTLED",
    figure: `${done} done, ${throttled} THROTTLED, the slowest after ${(Math.max(...waits) / 1_000).toFixed(1)} s`,
    ok: done + throttled === 100 && Math.max(...waits) <= 10_000,
  };
}
