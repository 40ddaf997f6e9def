import { userQuery, usersQuery } from "../support/graphqlClient.js";
import { type Harness, onGateway } from "../support/harness.js";
import { percent, type Row } from "../support/report.js";

/** Lookups at once, while Chime accepts ten calls a second. */
const lookups = 60;
const limit = { kind: "throttle", perSecond: 10 };

/** How many of the lookups got their user, and what it took. */
interface Lookups {
  readonly answered: number;
  readonly arrivals: number;
  readonly milliseconds: number;
}

export async function throttling(): Promise<Row[]> {
  return onGateway({}, async (harness) => {
    const { accountId, userIds } = await harness.chime.createPeople(lookups);
    const together = await lookUp(harness, async () => {
      const { data } = await harness.tryAsk(usersQuery, { accountId, userIds });
      return userIds.filter((_, index) => data?.users?.[index]?.personalPin).length;
    });
    const apart = await lookUp(harness, async () => {
      const answers = await Promise.all(
        userIds.map((userId) => harness.tryAsk(userQuery, { accountId, userId })),
      );
      return answers.filter(({ data }) => data?.user?.personalPin).length;
    });
    return [
      ...rowsOf("60 lookups in one request", together),
      ...rowsOf("60 requests with a lookup each", apart),
      await refusal(harness, accountId, userIds[0] ?? ""),
    ];
  });
}

/** @param run returns how many of the lookups have got their user */
async function lookUp(harness: Harness, run: () => Promise<number>): Promise<Lookups> {
  await harness.setFaults(limit);
  await harness.forgetCalls();
  const started = performance.now();
  const answered = await run();
  return {
    answered,
    arrivals: await harness.countCalls(),
    milliseconds: performance.now() - started,
  };
}

function rowsOf(title: string, { answered, arrivals, milliseconds }: Lookups): Row[] {
  return [
    {
      promise: `While Chime accepts 10 calls a second, ${title}: 99 % are answered within the deadline of 8 s`,
      figure: `${percent(answered, lookups)} within ${(milliseconds / 1000).toFixed(1)} s`,
      ok: answered >= 0.99 * lookups && milliseconds <= 8_500,
    },
    {
      promise: `and with ${title}, each lookup takes at most 1.6 calls`,
      figure: (arrivals / lookups).toFixed(2),
      ok: arrivals <= 1.6 * lookups,
    },
  ];
}

/** Chime throttles every call. */
async function refusal(harness: Harness, accountId: string, userId: string): Promise<Row> {
  await harness.setFaults({ kind: "429" });
  const { errors } = await harness.tryAsk(userQuery, { accountId, userId });
  await harness.setFaults();
  const extensions = errors?.[0]?.extensions;
  const seconds = extensions?.["retryAfterSeconds"];
  return {
    promise: "A THROTTLED error reports in how many seconds to retry",
    figure: `${extensions?.code}, retryAfterSeconds ${seconds}`,
    ok: extensions?.code === "THROTTLED" && Number.isInteger(seconds) && Number(seconds) > 0,
  };
}
