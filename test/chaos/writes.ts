import { onGateway } from "../support/harness.js";
import { percent, type Row } from "../support/report.js";
import { arrivalsOf, type Batch, isSentOnce, isTrue, lossesWith, runBatches, truthRow } from "./batch.js";
import { lostBulkWrites } from "./bulk.js";
import type { WriteCase } from "./writeCase.js";
import { createUserByEmail, writeCases } from "./writeCases.js";

/** Milliseconds that the gateway waits for one answer of Chime's. */
const callTimeout = 1_250;
/** A gateway that soon takes an answer for lost. */
const shortTimeouts = { WRITE_DEADLINE_MS: String(Math.ceil(callTimeout / 0.45)) };

/** Writes whose response is lost. Most of it is waiting: two parts run side by side, each with a Chime of its own. */
export async function writes(): Promise<Row[]> {
  const others = writeCases.filter((writeCase) => writeCase !== createUserByEmail);
  const [users, rest] = await Promise.all([lostWrites([createUserByEmail]), lostWrites(others)]);
  return [...rowsOf(users, rest), ...(await lostBulkWrites(shortTimeouts))];
}

const lostWrites = (cases: readonly WriteCase[]): Promise<Batch[]> =>
  onGateway(shortTimeouts, (harness) => runBatches(harness, cases, lossesWith(callTimeout)));

function rowsOf(userBatches: readonly Batch[], otherBatches: readonly Batch[]): Row[] {
  const batches = [...userBatches, ...otherBatches];
  const all = batches.flatMap(({ results }) => results);
  const users = userBatches.flatMap(({ results }) => results);
  const created = users.filter(({ happened }) => happened > 0);
  const confirmed = created.filter(({ verdict }) => verdict === "done").length;
  const wrong = users.filter((user) => !isTrue(user)).length;
  const faults = new Set(batches.map(({ fault }) => fault)).size;
  return [
    {
      promise: `A write whose response is lost is sent once, with an idempotency token up to three times (${writeCases.length} operations, ${faults} faults)`,
      figure: `${all.length} writes, ${arrivalsOf(all)} arrivals each`,
      ok: batches.every(({ writeCase, results }) => results.every((result) => isSentOnce(writeCase, result))),
    },
    truthRow(batches),
    {
      promise:
        "Lost CreateUser responses: 95 % of the users that were created are confirmed, none is reported wrongly",
      figure: `${percent(confirmed, created.length)} of ${created.length} confirmed; ${wrong} of ${users.length} reported wrongly`,
      ok: confirmed >= 0.95 * created.length && wrong === 0,
    },
  ];
}
