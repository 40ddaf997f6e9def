import { setTimeout as sleep } from "node:timers/promises";
import { createAgent, type Outcome, post } from "./load.js";
import { startChime, startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";

const count = 100;
/** Milliseconds that Chime takes for each write. */
const latency = 3_000;
/** Seconds that the gateway may take: no write lasts longer. */
const deadline = 30;

/** SIGTERM while a hundred writes are under way. */
export async function measureStopping(): Promise<Row[]> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, {
    CHIME_CONCURRENCY: String(count),
  });
  const agent = createAgent();
  try {
    const rule = { operation: "CreateAccount", kind: "latency", ms: latency };
    await fetch(`${chime.url}/_local/faults`, { method: "POST", body: JSON.stringify(rule) });
    const writes = Array.from({ length: count }, (_, n) => post(gateway.url, create(`Kept ${n}`), agent));
    const patience = performance.now() + deadline * 1_000;
    while ((await arrivals(chime.url)) < count) {
      if (performance.now() > patience)
        throw new Error(`${await arrivals(chime.url)} of ${count} writes have come to Chime.`);
      await sleep(20);
    }

    const stopped = performance.now();
    const end = gateway.stop("SIGTERM");
    await sleep(50);
    const ready = await statusOf(`${gateway.url}/health/ready`);
    const late = await Promise.all(
      Array.from({ length: 10 }, (_, n) => post(gateway.url, create(`Late ${n}`), agent)),
    );
    const done = (await Promise.all(writes)).filter(isDone).length;
    const answered = performance.now();
    const code = await end;
    const seconds = (performance.now() - stopped) / 1000;
    const afterLast = (performance.now() - answered) / 1000;
    const [kept, taken] = [await countAccounts(chime.url, "Kept"), await countAccounts(chime.url, "Late")];
    return [
      {
        promise: "SIGTERM under 100 writes: not ready at once, and nothing new is taken",
        figure: `ready answers ${ready}, ${late.filter(isDone).length + taken} of ${late.length} new writes taken`,
        ok: ready === 503 && late.every((outcome) => !isDone(outcome)) && taken === 0,
      },
      {
        promise: "and all 100 are answered, none lost or doubled",
        figure: `${done} answered as done, ${kept} in Chime, ${await arrivals(chime.url)} arrived`,
        ok: done === count && kept === count && (await arrivals(chime.url)) === count,
      },
      {
        promise: `and the process ends within the deadline of ${deadline} s and half a second`,
        figure: `exit code ${code} after ${seconds.toFixed(2)} s, ${afterLast.toFixed(2)} s after the last answer`,
        ok: code === 0 && seconds <= deadline + 0.5,
      },
    ];
  } finally {
    agent.destroy();
    await Promise.all([gateway.stop("SIGKILL"), chime.stop("SIGKILL")]);
  }
}

export const create = (name: string) => ({
  query:
    "mutation ($name: String!) { createAccount(input: { name: $name }) { account { name } errors { code } } }",
  variables: { name },
});

export const isDone = ({ status, body }: Outcome): boolean =>
  status === 200 && body.includes(`"account":{"name"`);

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return response?.status ?? 0;
}

/** How many creations arrived at Chime. */
async function arrivals(chimeUrl: string): Promise<number> {
  const response = await fetch(`${chimeUrl}/_local/requests`);
  const { counts } = (await response.json()) as { counts: Record<string, number> };
  return counts["CreateAccount"] ?? 0;
}

/** How many accounts Chime has whose names begin so. */
async function countAccounts(chimeUrl: string, name: string): Promise<number> {
  return (await readAccountNames(chimeUrl, name)).length;
}

/** The names of Chime's accounts that begin so. */
export async function readAccountNames(chimeUrl: string, name: string): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({ name, "max-results": "200", ...(token && { "next-token": token }) });
    const response = await fetch(`${chimeUrl}/accounts?${query}`);
    const page = (await response.json()) as { Accounts: { Name: string }[]; NextToken?: string };
    names.push(...page.Accounts.map(({ Name }) => Name));
    token = page.NextToken;
  } while (token);
  return names;
}
