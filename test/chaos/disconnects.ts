import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";
import { createScene, type Scene, usersQuery } from "./scene.js";
import { createTargets, createUserByEmail } from "./writeCases.js";

/** Milliseconds that the gateway gives one call. */
const callTimeout = 2_000;
const clients = 40;

/** Clients go away while Chime has their calls. */
export async function goneClients(chimeUrl: string): Promise<Row[]> {
  const gateway = await startGatewayOn(chimeUrl, {
    WRITE_DEADLINE_MS: String(2 * callTimeout),
    CHIME_CONCURRENCY: "1000",
  });
  const scene = createScene(gateway);
  try {
    const targets = await createTargets(scene.chime, clients);
    const userIds = Array.from({ length: 5 }, (_, index) => `user-${index}`);
    const reads = await leave(scene, "GetUser", clients * userIds.length, (signal) =>
      targets.map(({ accountId }) => scene.ask(usersQuery, { accountId, userIds }, signal)),
    );
    const writes = await leave(scene, "CreateUser", clients, (signal) =>
      targets.map((target, index) => {
        const input = createUserByEmail.input(target, `gone-${index}`);
        return scene.ask(createUserByEmail.mutation, { input }, signal);
      }),
    );
    const cancelled = Math.max(...reads.map(({ endedAfter }) => endedAfter));
    // One that was cut would have ended when its client left, long before half of its time.
    const kept = writes.filter(({ took }) => took > callTimeout / 2).length;
    return [
      {
        promise: "A client that goes away ends its reads at Chime within 300 ms",
        figure: `${reads.length} reads of ${clients} clients, the last after ${cancelled.toFixed(0)} ms`,
        ok: cancelled <= 300 && reads.length === clients * userIds.length,
      },
      {
        promise: "A client that goes away ends no write",
        figure: `${kept} of ${clients} writes waited for their answer to the end`,
        ok: kept === clients && writes.length === clients,
      },
    ];
  } finally {
    await gateway.stop();
  }
}

/** Sends requests that hang at Chime, goes away when all their calls are there, and tells when those ended. */
export async function leave(
  scene: Scene,
  operation: string,
  calls: number,
  send: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<{ endedAfter: number; took: number }[]> {
  await scene.faults({ operation, kind: "hang" });
  await scene.forgetArrivals();
  const client = new AbortController();
  // Every request listens to it: more than ten is no leak.
  setMaxListeners(0, client.signal);
  const requests = send(client.signal);
  const ofThem = async () => (await scene.arrivalsNow()).filter((arrival) => arrival.operation === operation);
  for (let rounds = 0; rounds < 500 && (await ofThem()).length < calls; rounds++) await sleep(10);
  const leftAt = Date.now();
  client.abort();
  await Promise.all(requests);
  // Whatever is sent again comes by then.
  await sleep(300);
  await scene.arrivals();
  const arrivals = await ofThem();
  await scene.faults();
  return arrivals.map(({ at, startedAt, finishedAt = Number.POSITIVE_INFINITY }) => ({
    endedAfter: Date.parse(at) + finishedAt - startedAt - leftAt,
    took: finishedAt - startedAt,
  }));
}
