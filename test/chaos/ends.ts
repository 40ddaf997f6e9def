import pLimit from "p-limit";
import { usersQuery } from "../support/graphqlClient.js";
import { createHarness } from "../support/harness.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { verdictOf } from "./batch.js";
import { corruptResponses } from "./corruptResponses.js";
import { disconnectedClients } from "./disconnects.js";
import { oversizeResponses } from "./oversize.js";
import { createTargets, createUserByEmail } from "./writeCases.js";

/** Milliseconds that the gateway gives all calls of a request that reads, and one call of a request that writes. */
const deadline = 1_000;
/** Requests at once, with some 600 calls to Chime: each opens a connection and closes it when it is cancelled. */
const atOnce = 50;

export async function ends(): Promise<Row[]> {
  const chime = await startChime();
  try {
    return [
      ...(await hungCalls(chime.url)),
      ...(await disconnectedClients(chime.url)),
      ...(await oversizeResponses()),
      ...(await corruptResponses(1_000)),
    ];
  } finally {
    await chime.stop();
  }
}

/** 9,600 reads, 25 a request, and 400 reads and writes, one a request: none is ever answered. */
async function hungCalls(chimeUrl: string): Promise<Row[]> {
  const gateway = await startGatewayOn(chimeUrl, {
    READ_DEADLINE_MS: String(deadline),
    WRITE_DEADLINE_MS: String(2 * deadline),
    CHIME_CONCURRENCY: "1000",
  });
  const harness = createHarness(gateway);
  try {
    const [target] = await createTargets(harness.chime, 1);
    const userIds = Array.from({ length: 25 }, (_, index) => `user-${index}`);
    const read = async (ids: readonly string[]) => {
      const { data, errors } = await harness.tryAsk(usersQuery, {
        accountId: target?.accountId,
        userIds: ids,
      });
      return ids.filter(
        (_, index) => data?.users?.[index] === null && errors?.some(({ path }) => path?.[1] === index),
      ).length;
    };
    const write = async () => {
      const input = { accountId: target?.accountId, username: "Nobody" };
      return verdictOf(await harness.tryAsk(createUserByEmail.mutation, { input })) === "no answer" ? 0 : 1;
    };
    // Mixed, as in production: 384 large ones and 400 small ones.
    const requests = Array.from({ length: 784 }, (_, index) => {
      if (index % 2 === 0 && index < 768) return () => read(userIds);
      return index % 4 === 1 ? write : () => read(userIds.slice(0, 1));
    });

    await harness.setFaults({ kind: "hang" });
    // A new process compiles while it answers, and accepts one connection at a time.
    await Promise.all(requests.slice(0, atOnce).map((request) => request()));
    let settled = 0;
    const times = { reads: 0, writes: 0 };
    await pLimit(atOnce).map(requests, async (request) => {
      const started = performance.now();
      const own = await request();
      settled += own;
      const kind = request === write ? "writes" : "reads";
      times[kind] = Math.max(times[kind], performance.now() - started);
    });
    await harness.setFaults();
    const calls = 384 * 25 + 400;
    return [
      {
        promise:
          "Of 10,000 calls that Chime never answers, each gets an error of its own within its deadline and half a second",
        figure: `${settled} of ${calls} settled; with a deadline of ${deadline} ms reads within ${times.reads.toFixed(0)} ms, writes within ${times.writes.toFixed(0)} ms`,
        ok: settled === calls && Math.max(times.reads, times.writes) <= deadline + 500,
      },
    ];
  } finally {
    await gateway.stop();
  }
}
