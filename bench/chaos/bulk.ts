import type { Row } from "./report.js";
import { onGateway, type Scene } from "./scene.js";

/** Items of one bulk write: ten calls of BatchUpdateUser's 20, four of InviteUsers's 50. */
const items = 200;

const updates = `mutation ($input: BatchUpdateUserInput!) {
  write: batchUpdateUser(input: $input) { userErrors { index errorCode } errors { code } }
}`;
const invitations = `mutation ($input: InviteUsersInput!) {
  write: inviteUsers(input: $input) { inviteErrors { index errorCode } errors { code } }
}`;

/** One bulk write: per item what was told and what was so, and how many calls came to Chime. */
export interface BulkResult {
  /** The item's `errorCode`; undefined for one that is told as done. */
  readonly told: readonly (string | undefined)[];
  readonly happened: readonly boolean[];
  readonly arrivals: number;
  readonly struck: number;
}

let rooms = 0;

/** Updates so many users of one account while the rules strike, and asks Chime for the truth. */
export async function updateInBulk(scene: Scene, count: number, ...rules: object[]): Promise<BulkResult> {
  const { accountId, userIds } = await scene.chime.createPeople(count);
  rooms += 1;
  const room = `room-${rooms}`;
  const { told, arrivals, struck } = await send(scene, "BatchUpdateUser", rules, updates, {
    accountId,
    updateUserRequestItems: userIds.map((userId) => ({
      userId,
      alexaForBusinessMetadata: { alexaForBusinessRoomArn: room },
    })),
  });
  const rows = await scene.chime.users(accountId);
  const done = new Set(
    rows.flatMap((user) =>
      user.AlexaForBusinessMetadata?.AlexaForBusinessRoomArn === room ? user.UserId : [],
    ),
  );
  return {
    told: userIds.map((_, index) => told.get(index)),
    happened: userIds.map((userId) => done.has(userId)),
    arrivals,
    struck,
  };
}

/** Invites so many people to one account while the rules strike, and asks Chime for the truth. */
export async function inviteInBulk(scene: Scene, count: number, ...rules: object[]): Promise<BulkResult> {
  const { accountId } = await scene.chime.createPeople(0);
  const emails = Array.from({ length: count }, (_, index) => `guest-${index}@${accountId}.example.com`);
  const { told, arrivals, struck } = await send(scene, "InviteUsers", rules, invitations, {
    accountId,
    userEmailList: emails,
  });
  const rows = await scene.chime.users(accountId);
  const done = new Set(rows.map(({ PrimaryEmail }) => PrimaryEmail));
  return {
    told: emails.map((_, index) => told.get(index)),
    happened: emails.map((email) => done.has(email)),
    arrivals,
    struck,
  };
}

async function send(
  scene: Scene,
  operation: string,
  rules: readonly object[],
  mutation: string,
  input: object,
): Promise<{ told: Map<number, string>; arrivals: number; struck: number }> {
  await scene.forgetArrivals();
  await scene.faults(...rules.map((rule) => ({ operation, ...rule })));
  const { data } = await scene.ask(mutation, { input });
  const arrivals = (await scene.arrivals()).filter((arrival) => arrival.operation === operation);
  await scene.faults();
  if (!data?.write) throw new Error(`${operation}: a bulk write fails as a whole.`);
  const failed: { index: number; errorCode: string }[] = [
    ...(data.write.userErrors ?? []),
    ...(data.write.inviteErrors ?? []),
  ];
  return {
    told: new Map(failed.map(({ index, errorCode }) => [index, errorCode])),
    arrivals: arrivals.length,
    struck: arrivals.filter(({ fault }) => fault !== undefined).length,
  };
}

const failures = (told: BulkResult["told"]) => told.filter((code) => code !== undefined);

/** @param settings of a gateway that soon takes an answer for lost */
export async function lostBulkWrites(settings: Record<string, string>): Promise<Row[]> {
  return onGateway(settings, async (scene) => {
    const lost = [
      ...(await each((kind) => updateInBulk(scene, items, { kind, next: 1 }))),
      ...(await each((kind) => inviteInBulk(scene, items, { kind, next: 1 }))),
    ];
    const calls = [items / 20, items / 50];
    return [
      {
        promise: "A bulk call whose answer is lost marks its own 20 or 50 items as unknown, and no other",
        figure: `${lost.length} bulk writes: ${[...new Set(lost.map(({ told }) => failures(told).length))].join(" or ")} of ${items} items marked`,
        ok: lost.every(({ told, arrivals, struck }) => {
          const own = arrivals === calls[0] ? 20 : arrivals === calls[1] ? 50 : undefined;
          return struck === 1 && failures(told).length === own && new Set(failures(told)).size === 1;
        }),
      },
      truthOf(lost),
    ];
  });
}

export async function throttledBulkWrites(): Promise<Row[]> {
  return onGateway({}, async (scene) => {
    const throttled = [
      await updateInBulk(scene, items, { kind: "429", next: 20 }),
      await inviteInBulk(scene, items, { kind: "429", next: 10 }),
      await updateInBulk(scene, items, { kind: "throttle", perSecond: 4, burst: 2 }),
      await inviteInBulk(scene, items, { kind: "throttle", perSecond: 2, burst: 1 }),
    ];
    return [
      {
        promise: "Throttled items of a bulk write are tried again within the deadline until they are done",
        figure: throttled
          .map(
            ({ told, struck }) =>
              `${told.length - failures(told).length} of ${told.length} done past ${struck} 429s`,
          )
          .join(", "),
        ok: throttled.every(({ told, happened }) => failures(told).length === 0 && happened.every(Boolean)),
      },
      truthOf(throttled),
    ];
  });
}

function truthOf(results: readonly BulkResult[]): Row {
  const toldWrongly = results.flatMap(({ told, happened }) =>
    told.filter((code, index) => code !== "OUTCOME_UNKNOWN" && (code === undefined) !== happened[index]),
  ).length;
  const twice = results.filter(
    ({ arrivals, struck, told }) => arrivals - struck > Math.ceil(told.length / 20),
  ).length;
  return {
    promise: "No item of a bulk write is told wrongly, and nothing done is sent twice",
    figure: `${results.length * items} items, ${toldWrongly} told wrongly, ${twice} bulk writes with calls sent twice`,
    ok: toldWrongly === 0 && twice === 0,
  };
}

/** One bulk write for each way to lose an answer. */
async function each(run: (kind: string) => Promise<BulkResult>): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (const kind of ["close", "reset-before", "reset-after", "truncate", "malformed", "500", "503", "hang"])
    results.push(await run(kind));
  return results;
}
