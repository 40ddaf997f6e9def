import {
  arrivalsOf,
  type Batch,
  isTrue,
  lossesWith,
  runBatches,
  truthRow,
  type WriteResult,
} from "./batch.js";
import { lostBulkWrites } from "./bulk.js";
import { percent, type Row } from "./report.js";
import { onGateway } from "./scene.js";
import { createUserByEmail, type WriteCase, writeCases } from "./write-cases.js";

/** Milliseconds that the gateway waits for one answer of Chime's. */
const callTimeout = 300;
/** A gateway that soon takes an answer for lost. */
const hasty = { CHIME_CALL_TIMEOUT_MS: String(callTimeout), WRITE_DEADLINE_MS: "2500" };

/** Writes whose answer is lost. Most of it is waiting: two parts run side by side, each with a Chime of its own. */
export async function writes(): Promise<Row[]> {
  const others = writeCases.filter((writeCase) => writeCase !== createUserByEmail);
  const [users, rest] = await Promise.all([lostWrites([createUserByEmail]), lostWrites(others)]);
  return [...rowsOf(users, rest), ...(await lostBulkWrites(hasty))];
}

const lostWrites = (cases: readonly WriteCase[]): Promise<Batch[]> =>
  onGateway(hasty, (scene) => runBatches(scene, cases, lossesWith(callTimeout)));

function rowsOf(userBatches: readonly Batch[], otherBatches: readonly Batch[]): Row[] {
  const batches = [...userBatches, ...otherBatches];
  const all = batches.flatMap(({ results }) => results);
  const users = userBatches.flatMap(({ results }) => results);
  const resolved = users.filter(({ verdict }) => verdict !== "unknown").length;
  const faults = new Set(batches.map(({ fault }) => fault)).size;
  return [
    {
      promise: `A write whose answer is lost is sent once: ${writeCases.length} operations, ${faults} faults`,
      figure: `${all.length} writes, ${arrivalsOf(all)} arrivals each`,
      ok: all.every(({ arrivals }) => arrivals <= 1),
    },
    truthRow(batches),
    {
      promise: "A CreateUser with an address whose answer is lost is resolved, 95 % of them",
      figure: `${percent(resolved, users.length)}; of those that were done ${shareResolved(users, 1)}, of the others ${shareResolved(users, 0)}; ${users.filter((user) => !isTrue(user)).length} wrong`,
      ok: resolved >= 0.95 * users.length && users.every(isTrue),
    },
  ];
}

function shareResolved(users: readonly WriteResult[], happened: number): string {
  const some = users.filter((user) => user.happened === happened);
  return percent(some.filter(({ verdict }) => verdict !== "unknown").length, some.length);
}
