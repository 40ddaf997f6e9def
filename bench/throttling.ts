import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { User } from "@aws-sdk/client-chime";
import { ask, userQuery } from "../test/support/graphqlClient.js";
import { createHarness } from "../test/support/harness.js";
import { sendHttp } from "../test/support/http.js";
import { startChime } from "../test/support/processes.js";
import type { Row } from "../test/support/report.js";
import { adaptive, baseline, earlier, ours, startContender } from "./contenders.js";
import { seededAccount } from "./data.js";
import type { EarlierBuild } from "./earlierBuild.js";
import { type Load, nameOf, type Observation, type Outcome, outcomeOf, seconds } from "./loads.js";
import { median } from "./numbers.js";
import { table } from "./report.js";

/** More than a load looks up, so that no user is looked up twice. */
const users = 10_000;
/** Milliseconds that lookups have after the last one was sent: longer than any contender's deadline. */
const grace = 15_000;

const throttlingTitles: Readonly<Record<string, string>> = {
  [ours]: "this gateway",
  [earlier]: "the earlier build",
  [baseline]: "SDK, standard mode",
  [adaptive]: "SDK, adaptive mode",
};

export interface Measured {
  readonly load: Load;
  readonly contender: string;
  /** One for each round. */
  readonly outcomes: readonly Outcome[];
}

export interface ThrottlingOptions {
  readonly loads: readonly Load[];
  readonly contenders: readonly string[];
  readonly build: EarlierBuild | undefined;
  readonly rounds: number;
}

/**
 * Measures what each contender answers while Chime throttles, one after another, each time in a process that has just
 * started. The SDK's contender is the REST endpoint, so that all are called over HTTP.
 */
export async function measureThrottling(
  { loads, contenders, build, rounds }: ThrottlingOptions,
  progress: (line: string) => void,
): Promise<Measured[]> {
  const server = await startChime({ CHIME_LOCAL_USERS: String(users) });
  const { chime } = createHarness(server);
  const accountId = await seededAccount(chime, "Meridian Logistics");
  const people = await chime.users(accountId);
  // The first responses of a process are slow, and Chime is not what is measured.
  for (const { UserId = "" } of people.slice(0, 1_000)) await chime.user(accountId, UserId);

  const measured = loads.flatMap((load) =>
    contenders.map((contender) => ({ load, contender, outcomes: [] as Outcome[] })),
  );
  for (let round = 0; round < rounds; round++)
    for (const { load, contender, outcomes } of round % 2 === 0 ? measured : measured.toReversed()) {
      progress(`throttling ${nameOf(load)}, ${contender}, round ${round + 1} of ${rounds}`);
      const program = await startContender(server.url, contender, build);
      const harness = createHarness(program);
      const lookUp = contender === ours || contender === earlier ? viaGraphql : viaRest;
      await harness.setFaults(
        { kind: "throttle", perSecond: load.rate, burst: load.burst },
        { kind: "latency", ms: load.latency },
      );
      await harness.forgetCalls();
      const { answeredAt, errors } = await run(load.clients, (n, signal) => {
        const user = people[n % people.length];
        return user ? lookUp(program.url, accountId, user, signal) : Promise.resolve(false);
      });
      const calls = await harness.countCalls();
      await program.stop();
      outcomes.push(outcomeOf(load, { answeredAt, errors, calls }));
    }
  await server.stop();
  return measured;
}

/** @param lookUp makes the nth lookup, and returns whether it got its user */
async function run(
  clients: number,
  lookUp: (n: number, signal: AbortSignal) => Promise<boolean>,
): Promise<Omit<Observation, "calls">> {
  const signal = AbortSignal.timeout(seconds * 1_000 + grace);
  setMaxListeners(clients, signal);
  const answeredAt: number[] = [];
  let begun = 0;
  let errors = 0;
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  async function repeat(): Promise<void> {
    while (elapsed() < seconds * 1_000) {
      try {
        if (await lookUp(begun++, signal)) answeredAt.push(elapsed());
        else errors++;
      } catch {
        errors++;
        // No response: the process has ended, and would be called without a pause.
        await sleep(100);
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, repeat));
  return { answeredAt, errors };
}

type LookUp = (url: string, accountId: string, user: User, signal: AbortSignal) => Promise<boolean>;

const viaGraphql: LookUp = async (url, accountId, user, signal) => {
  const variables = { accountId, userId: user.UserId };
  const { data, errors } = await ask(url, { query: userQuery, variables }, {}, signal);
  return !errors && isUser(data?.user, user);
};

const viaRest: LookUp = async (url, accountId, user, signal) => {
  const { body } = await sendHttp("POST", `${url}/user`, {
    body: { accountId, userId: user.UserId },
    signal,
  });
  return isUser(JSON.parse(body).user, user);
};

const isUser = (found: { primaryEmail?: unknown; personalPin?: unknown } | undefined, user: User) =>
  found?.primaryEmail === user.PrimaryEmail && typeof found?.personalPin === "string";

/** All figures, a row for each load and contender. */
export function throttlingTable(measured: readonly Measured[]): string {
  return table([
    // The release check takes rows with this gateway in the second column for those of the queries.
    ["calls/s", "clients", "burst", "ms late", "contender", "share", "worst second", "calls", "errors"],
    ...measured.map(({ load, contender, outcomes }) => [
      String(load.rate),
      String(load.clients),
      String(load.burst),
      String(load.latency),
      throttlingTitles[contender] ?? contender,
      figure(outcomes.map(({ share }) => share)),
      figure(outcomes.map(({ worstSecond }) => worstSecond)),
      figure(
        outcomes.map(({ calls }) => calls),
        Math.max,
      ),
      figure(
        outcomes.map(({ errors }) => errors),
        Math.max,
        0,
      ),
    ]),
  ]);
}

/** The median, and the worst of several rounds. */
function figure(numbers: readonly number[], worst = Math.min, digits = 2): string {
  const middle = median(numbers).toFixed(digits);
  return numbers.length > 1 ? `${middle} (${worst(...numbers).toFixed(digits)})` : middle;
}

/** Which goals the gateway meets: a goal must be met in each round. */
export function throttlingGoals(measured: readonly Measured[], build: EarlierBuild | undefined): Row[] {
  return measured
    .filter(({ contender }) => contender === ours)
    .flatMap((own) => {
      const other = (name: string) =>
        measured.find(({ load, contender }) => nameOf(load) === nameOf(own.load) && contender === name);
      const [standard, inAdaptive, previous] = [other(baseline), other(adaptive), other(earlier)];
      return [
        goalOf(own),
        ...(standard ? [comparedWithSdk(own, standard, "standard")] : []),
        ...(inAdaptive ? [comparedWithSdk(own, inAdaptive, "adaptive")] : []),
        ...(previous && build ? [comparedWith(own, previous, build)] : []),
      ];
    });
}

function goalOf({ load, outcomes }: Measured): Row {
  const calls = load.rate <= 10 ? 1.6 : 1.3;
  const worst = {
    share: Math.min(...outcomes.map(({ share }) => share)),
    worstSecond: Math.min(...outcomes.map(({ worstSecond }) => worstSecond)),
    calls: Math.max(...outcomes.map(({ calls }) => calls)),
    errors: Math.max(...outcomes.map(({ errors }) => errors)),
  };
  return {
    promise: `Throttled ${nameOf(load)}: at least 0.90 of the capacity is answered, 0.70 in the worst second, without errors, with at most ${calls} calls a lookup`,
    figure: `${worst.share.toFixed(2)}, ${worst.worstSecond.toFixed(2)}, ${worst.errors}, ${worst.calls.toFixed(2)}`,
    ok: worst.share >= 0.9 && worst.worstSecond >= 0.7 && worst.errors === 0 && worst.calls <= calls,
  };
}

const shareOf = ({ outcomes }: Measured): string => median(outcomes.map(({ share }) => share)).toFixed(2);

function comparedWithSdk(own: Measured, sdk: Measured, mode: "standard" | "adaptive"): Row {
  return {
    promise: `Throttled ${nameOf(own.load)}: answers at least as much as the SDK's ${mode} mode`,
    figure: `${shareOf(own)} and ${shareOf(sdk)}`,
    ok: Number(shareOf(own)) >= Number(shareOf(sdk)),
  };
}

function comparedWith(own: Measured, previous: Measured, { title }: EarlierBuild): Row {
  return {
    promise: `Throttled ${nameOf(own.load)}: answers at least 0.9 of what the build of ${title} answers`,
    figure: `${shareOf(own)} and ${shareOf(previous)}`,
    ok: Number(shareOf(own)) >= 0.9 * Number(shareOf(previous)),
  };
}
