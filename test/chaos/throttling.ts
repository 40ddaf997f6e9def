import { percent, type Row } from "./report.js";
import { onGateway, type Scene, userQuery, usersQuery } from "./scene.js";

/** Lookups at once, of a Chime that takes ten requests a second. */
const lookups = 60;
const limit = { kind: "throttle", perSecond: 10 };

/** How many of the lookups got their user, and what it took. */
interface Lookups {
  readonly answered: number;
  readonly arrivals: number;
  readonly milliseconds: number;
}

export async function throttling(): Promise<Row[]> {
  return onGateway({}, async (scene) => {
    const { accountId, userIds } = await scene.chime.createPeople(lookups);
    const together = await lookUp(scene, async () => {
      const { data } = await scene.ask(usersQuery, { accountId, userIds });
      return userIds.filter((_, index) => data?.users?.[index]?.personalPin).length;
    });
    const apart = await lookUp(scene, async () => {
      const answers = await Promise.all(userIds.map((userId) => scene.ask(userQuery, { accountId, userId })));
      return answers.filter(({ data }) => data?.user?.personalPin).length;
    });
    return [
      ...rowsOf("60 lookups in one request", together),
      ...rowsOf("60 requests with a lookup each", apart),
      await refusal(scene, accountId, userIds[0] ?? ""),
    ];
  });
}

/** @param run how many of the lookups have got their user */
async function lookUp(scene: Scene, run: () => Promise<number>): Promise<Lookups> {
  await scene.faults(limit);
  await scene.forgetArrivals();
  const started = performance.now();
  const answered = await run();
  return {
    answered,
    arrivals: await scene.countOfArrivals(),
    milliseconds: performance.now() - started,
  };
}

function rowsOf(title: string, { answered, arrivals, milliseconds }: Lookups): Row[] {
  return [
    {
      promise: `Of a Chime that takes 10 requests a second, ${title}: 99 % answered within the deadline of 8 s`,
      figure: `${percent(answered, lookups)} within ${(milliseconds / 1000).toFixed(1)} s`,
      ok: answered >= 0.99 * lookups && milliseconds <= 8_500,
    },
    {
      promise: `${title}: at most 1.3 calls each`,
      figure: (arrivals / lookups).toFixed(2),
      ok: arrivals <= 1.3 * lookups,
    },
  ];
}

/** Chime throttles without end. */
async function refusal(scene: Scene, accountId: string, userId: string): Promise<Row> {
  await scene.faults({ kind: "429" });
  const { errors } = await scene.ask(userQuery, { accountId, userId });
  await scene.faults();
  const extensions = errors?.[0]?.extensions;
  const seconds = extensions?.["retryAfterSeconds"];
  return {
    promise: "THROTTLED says in how many seconds to come again",
    figure: `${extensions?.code}, retryAfterSeconds ${seconds}`,
    ok: extensions?.code === "THROTTLED" && Number.isInteger(seconds) && Number(seconds) > 0,
  };
}
