import { setTimeout as sleep } from "node:timers/promises";
import { createHarness } from "../support/harness.js";
import { createLoadClient, graphqlRequest, type Outcome } from "../support/load.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";

const count = 100;
/** Milliseconds that Chime takes for each write. */
const latency = 3_000;
/** Seconds that the gateway may take: no write takes longer. */
const deadline = 30;

/** SIGTERM while a hundred writes are in progress. */
export async function measureShutdown(): Promise<Row[]> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, {
    CHIME_CONCURRENCY: String(count),
  });
  const client = createLoadClient([gateway.url], 2 * count);
  const harness = createHarness(gateway);
  const created = async () => (await harness.calls())["CreateAccount"] ?? 0;
  const countAccounts = async (prefix: string) => (await harness.chime.accountsByPrefix(prefix)).length;
  try {
    await harness.setFaults({ operation: "CreateAccount", kind: "latency", ms: latency });
    const writes = Array.from({ length: count }, (_, n) => client.send(graphqlRequest(create(`Kept ${n}`))));
    const latest = performance.now() + deadline * 1_000;
    while ((await created()) < count) {
      if (performance.now() > latest)
        throw new Error(`${await created()} of ${count} writes have arrived at Chime.`);
      await sleep(20);
    }

    const stopped = performance.now();
    const end = gateway.stop("SIGTERM");
    await sleep(50);
    const ready = await statusOf(`${gateway.url}/health/ready`);
    const late = await Promise.all(
      Array.from({ length: 10 }, (_, n) => client.send(graphqlRequest(create(`Late ${n}`)))),
    );
    const done = (await Promise.all(writes)).filter(isDone).length;
    const answered = performance.now();
    const code = await end;
    const seconds = (performance.now() - stopped) / 1000;
    const afterLast = (performance.now() - answered) / 1000;
    const [kept, accepted] = [await countAccounts("Kept"), await countAccounts("Late")];
    return [
      {
        promise: "After SIGTERM under 100 writes the gateway is not ready at once, and accepts no new writes",
        figure: `ready answers ${ready}, ${late.filter(isDone).length + accepted} of ${late.length} new writes accepted`,
        ok: ready === 503 && late.every((outcome) => !isDone(outcome)) && accepted === 0,
      },
      {
        promise: "and all 100 writes are answered, none is lost or doubled",
        figure: `${done} answered as done, ${kept} in Chime, ${await created()} arrived`,
        ok: done === count && kept === count && (await created()) === count,
      },
      {
        promise: `and the process ends within the deadline of ${deadline} s and half a second`,
        figure: `exit code ${code} after ${seconds.toFixed(2)} s, ${afterLast.toFixed(2)} s after the last answer`,
        ok: code === 0 && seconds <= deadline + 0.5,
      },
    ];
  } finally {
    harness.close();
    await client.close();
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
