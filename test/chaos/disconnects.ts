import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { usersQuery } from "../support/graphqlClient.js";
import { createHarness, type Harness } from "../support/harness.js";
import { startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { createTargets, createUserByEmail } from "./writeCases.js";

/** Milliseconds that the gateway gives one call. */
const callTimeout = 2_000;
const clients = 40;

/** Clients disconnect while Chime has their calls. */
export async function disconnectedClients(chimeUrl: string): Promise<Row[]> {
  const gateway = await startGatewayOn(chimeUrl, {
    WRITE_DEADLINE_MS: String(Math.ceil(callTimeout / 0.45)),
    CHIME_CONCURRENCY: "1000",
  });
  const harness = createHarness(gateway);
  try {
    const targets = await createTargets(harness.chime, clients);
    const userIds = Array.from({ length: 5 }, (_, index) => `user-${index}`);
    const reads = await disconnect(harness, "GetUser", clients * userIds.length, (signal) =>
      targets.map(({ accountId }) => harness.tryAsk(usersQuery, { accountId, userIds }, signal)),
    );
    const writes = await disconnect(harness, "CreateUser", clients, (signal) =>
      targets.map((target, index) => {
        const input = createUserByEmail.input(target, `disconnected-${index}`);
        return harness.tryAsk(createUserByEmail.mutation, { input }, signal);
      }),
    );
    const cancelled = Math.max(...reads.map(({ endedAfter }) => endedAfter));
    // A cancelled write would have ended when its client disconnected, long before half of its time.
    const kept = writes.filter(({ took }) => took > callTimeout / 2).length;
    return [
      {
        promise: "When a client disconnects, its reads at Chime are cancelled within 300 ms",
        figure: `${reads.length} reads of ${clients} clients, the last after ${cancelled.toFixed(0)} ms`,
        ok: cancelled <= 300 && reads.length === clients * userIds.length,
      },
      {
        promise: "When a client disconnects, its writes are not cancelled",
        figure: `${kept} of ${clients} writes waited for their response to the end`,
        ok: kept === clients && writes.length === clients,
      },
    ];
  } finally {
    await gateway.stop();
  }
}

/** Sends requests that hang at Chime, disconnects when all their calls have arrived, and returns when those ended. */
export async function disconnect(
  harness: Harness,
  operation: string,
  calls: number,
  send: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<{ endedAfter: number; took: number }[]> {
  await harness.setFaults({ operation, kind: "hang" });
  await harness.forgetCalls();
  const client = new AbortController();
  // Each request adds a listener: more than ten are not a leak.
  setMaxListeners(0, client.signal);
  const requests = send(client.signal);
  const ofOperation = async () =>
    (await harness.arrivals()).filter((arrival) => arrival.operation === operation);
  for (let rounds = 0; rounds < 500 && (await ofOperation()).length < calls; rounds++) await sleep(10);
  const disconnectedAt = Date.now();
  client.abort();
  await Promise.all(requests);
  // Retries would have arrived by then.
  await sleep(300);
  await harness.endedArrivals();
  const arrivals = await ofOperation();
  await harness.setFaults();
  return arrivals.map(({ at, startedAt, finishedAt = Number.POSITIVE_INFINITY }) => ({
    endedAfter: Date.parse(at) + finishedAt - startedAt - disconnectedAt,
    took: finishedAt - startedAt,
  }));
}
