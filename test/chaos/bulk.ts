import { type Harness, onGateway } from "../support/harness.js";
import type { Row } from "../support/report.js";

/** Items of one bulk write: ten calls of BatchUpdateUser's 20, four of the others' 50. */
const items = 200;

const updates = `mutation ($input: BatchUpdateUserInput!) {
  write: batchUpdateUser(input: $input) { outcome results { outcome } }
}`;
const invitations = `mutation ($input: InviteUsersInput!) {
  write: inviteUsers(input: $input) { outcome results { outcome } }
}`;
const suspensions = `mutation ($input: BatchSuspendUserInput!) {
  write: batchSuspendUser(input: $input) { outcome results { outcome } }
}`;

/** One bulk write: what was reported of each item, what Chime has of it, and how many calls arrived. */
export interface BulkResult {
  /** The outcome of the whole. */
  readonly outcome: string;
  /** The outcome of each item. */
  readonly outcomes: readonly string[];
  readonly happened: readonly boolean[];
  readonly arrivals: number;
  /** Of these, the calls that a fault was applied to. */
  readonly faulty: number;
}

let rooms = 0;

/** Updates this many users of one account under the fault rules, and reads from Chime what was done. */
export async function updateInBulk(harness: Harness, count: number, ...rules: object[]): Promise<BulkResult> {
  const { accountId, userIds } = await harness.chime.createPeople(count);
  rooms += 1;
  const room = `room-${rooms}`;
  const reported = await send(harness, "BatchUpdateUser", rules, updates, {
    accountId,
    updateUserRequestItems: userIds.map((userId) => ({
      userId,
      alexaForBusinessMetadata: { alexaForBusinessRoomArn: room },
    })),
  });
  const rows = await harness.chime.users(accountId);
  const done = new Set(
    rows.flatMap((user) =>
      user.AlexaForBusinessMetadata?.AlexaForBusinessRoomArn === room ? user.UserId : [],
    ),
  );
  return { ...reported, happened: userIds.map((userId) => done.has(userId)) };
}

/** Invites this many people to one account under the fault rules, and reads from Chime what was done. */
export async function inviteInBulk(harness: Harness, count: number, ...rules: object[]): Promise<BulkResult> {
  const { accountId } = await harness.chime.createPeople(0);
  const emails = Array.from({ length: count }, (_, index) => `guest-${index}@${accountId}.example.com`);
  const reported = await send(harness, "InviteUsers", rules, invitations, {
    accountId,
    userEmailList: emails,
  });
  const rows = await harness.chime.users(accountId);
  const done = new Set(rows.map(({ PrimaryEmail }) => PrimaryEmail));
  return { ...reported, happened: emails.map((email) => done.has(email)) };
}

/** Suspends all of a Team account's users while the rules strike, and asks Chime for the truth. */
export async function suspendInBulk(
  harness: Harness,
  count: number,
  ...rules: object[]
): Promise<BulkResult> {
  const { accountId, userIds } = await harness.chime.createPeople(count);
  const reported = await send(harness, "BatchSuspendUser", rules, suspensions, {
    accountId,
    userIdList: userIds,
  });
  const rows = await harness.chime.users(accountId);
  const done = new Set(
    rows.flatMap((user) => (user.UserRegistrationStatus === "Suspended" ? user.UserId : [])),
  );
  return { ...reported, happened: userIds.map((userId) => done.has(userId)) };
}

async function send(
  harness: Harness,
  operation: string,
  rules: readonly object[],
  mutation: string,
  input: object,
): Promise<Omit<BulkResult, "happened">> {
  await harness.forgetCalls();
  await harness.setFaults(...rules.map((rule) => ({ operation, ...rule })));
  const { data } = await harness.tryAsk(mutation, { input });
  const arrivals = (await harness.endedArrivals()).filter((arrival) => arrival.operation === operation);
  await harness.setFaults();
  if (!data?.write) throw new Error(`${operation}: a bulk write fails as a whole.`);
  const { outcome, results } = data.write as { outcome: string; results: { outcome: string }[] };
  return {
    outcome,
    outcomes: results.map((result) => result.outcome),
    arrivals: arrivals.length,
    faulty: arrivals.filter(({ fault }) => fault !== undefined).length,
  };
}

/** How many items have an outcome. */
const countOf = ({ outcomes }: BulkResult, wanted: string) =>
  outcomes.filter((outcome) => outcome === wanted).length;

/** The outcome of the whole, as the schema describes it. */
function outcomeOfWhole({ outcomes }: BulkResult): string {
  const all = new Set(outcomes);
  if (all.size === 1) return outcomes[0] ?? "NOT_DONE";
  return all.has("DONE") ? "PARTIAL" : "UNKNOWN";
}

/** @param settings of a gateway that soon treats a response as lost */
export async function lostBulkWrites(settings: Record<string, string>): Promise<Row[]> {
  return onGateway(settings, async (harness) => {
    const lost = [
      ...(await each((kind) => updateInBulk(harness, items, { kind, next: 1 }))),
      ...(await each((kind) => inviteInBulk(harness, items, { kind, next: 1 }))),
      ...(await each((kind) => suspendInBulk(harness, items, { kind, next: 1 }))),
    ];
    const calls = [items / 20, items / 50];
    return [
      {
        promise: "A bulk call whose response is lost marks its own 20 or 50 items as unknown, and no others",
        figure: `${lost.length} bulk writes: ${[...new Set(lost.map((bulk) => countOf(bulk, "UNKNOWN")))].join(" or ")} of ${items} items marked`,
        ok: lost.every((bulk) => {
          const own = bulk.arrivals === calls[0] ? 20 : bulk.arrivals === calls[1] ? 50 : undefined;
          return bulk.faulty === 1 && countOf(bulk, "UNKNOWN") === own && countOf(bulk, "NOT_DONE") === 0;
        }),
      },
      truthOf(lost),
    ];
  });
}

export async function throttledBulkWrites(): Promise<Row[]> {
  return onGateway({}, async (harness) => {
    const throttled = [
      await updateInBulk(harness, items, { kind: "429", next: 20 }),
      await inviteInBulk(harness, items, { kind: "429", next: 10 }),
      await updateInBulk(harness, items, { kind: "throttle", perSecond: 4, burst: 2 }),
      await inviteInBulk(harness, items, { kind: "throttle", perSecond: 2, burst: 1 }),
    ];
    return [
      {
        promise: "Throttled items of a bulk write are sent again within the deadline until they are done",
        figure: throttled
          .map((bulk) => `${countOf(bulk, "DONE")} of ${bulk.outcomes.length} done after ${bulk.faulty} 429s`)
          .join(", "),
        ok: throttled.every((bulk) => bulk.outcome === "DONE" && bulk.happened.every(Boolean)),
      },
      truthOf(throttled),
    ];
  });
}

function truthOf(results: readonly BulkResult[]): Row {
  const wrongItems = results.flatMap(({ outcomes, happened }) =>
    happened.filter((isDone, index) => {
      const outcome = outcomes[index];
      return outcome !== "UNKNOWN" && outcome !== (isDone ? "DONE" : "NOT_DONE");
    }),
  ).length;
  const wrongWholes = results.filter((bulk) => bulk.outcome !== outcomeOfWhole(bulk)).length;
  const twice = results.filter(
    ({ arrivals, faulty, outcomes }) => arrivals - faulty > Math.ceil(outcomes.length / 20),
  ).length;
  return {
    promise:
      "No bulk write and none of its items is reported wrongly, and nothing that is done is sent twice",
    figure: `${results.length * items} items, ${wrongItems} reported wrongly; ${results.length} bulk writes, ${wrongWholes} reported wrongly, ${twice} with calls sent twice`,
    ok: wrongItems === 0 && wrongWholes === 0 && twice === 0,
  };
}

/** One bulk write for each way to lose a response. */
async function each(run: (kind: string) => Promise<BulkResult>): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (const kind of ["close", "reset-before", "reset-after", "truncate", "malformed", "500", "503", "hang"])
    results.push(await run(kind));
  return results;
}
