import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChimeUser } from "../test/chaos/chime.js";
import { exchange } from "../test/chaos/http.js";
import type { Row } from "../test/chaos/report.js";
import { createScene, userQuery } from "../test/chaos/scene.js";
import { adaptive, earlier, floor, ours, startProgram } from "./contenders.js";
import type { EarlierBuild } from "./earlierBuild.js";
import { type Load, nameOf, type Observation, type Outcome, outcomeOf, seconds } from "./loads.js";
import { median } from "./numbers.js";
import { startChime } from "./programs.js";
import { seededAccount } from "./queries.js";
import { table } from "./report.js";

/** More than a load asks for, so that no user is asked for twice. */
const users = 10_000;
/** Milliseconds that lookups have after the last one was sent: longer than any contender's deadline. */
const grace = 15_000;

const throttlingTitles: Readonly<Record<string, string>> = {
  [ours]: "this gateway",
  [earlier]: "the earlier build",
  [floor]: "SDK, standard mode",
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
 * started. The SDK's contender is the REST endpoint, so that all are asked over HTTP.
 */
export async function measureThrottling(
  { loads, contenders, build, rounds }: ThrottlingOptions,
  progress: (line: string) => void,
): Promise<Measured[]> {
  const server = await startChime(users);
  const { chime } = createScene({ url: server.url, chimeUrl: server.url });
  const accountId = await seededAccount(chime, "Meridian Logistics");
  const people = await chime.users(accountId);
  // The first answers of a process are slow, and Chime is not what is measured.
  for (const { UserId } of people.slice(0, 1_000)) await chime.user(accountId, UserId);

  const measured = loads.flatMap((load) =>
    contenders.map((contender) => ({ load, contender, outcomes: [] as Outcome[] })),
  );
  for (let round = 0; round < rounds; round++)
    for (const { load, contender, outcomes } of round % 2 === 0 ? measured : measured.toReversed()) {
      progress(`throttling ${nameOf(load)}, ${contender}, round ${round + 1} of ${rounds}`);
      const program = await startProgram(server.url, contender, build);
      const scene = createScene(program);
      const lookUp = contender === ours || contender === earlier ? viaGraphql : viaRest;
      await scene.faults(
        { kind: "throttle", perSecond: load.rate, burst: load.burst },
        { kind: "latency", ms: load.latency },
      );
      await scene.forgetArrivals();
      const { answeredAt, errors } = await run(load.clients, (n, signal) => {
        const user = people[n % people.length];
        return user ? lookUp(program.url, accountId, user, signal) : Promise.resolve(false);
      });
      const calls = await scene.countOfArrivals();
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
  const passed = () => performance.now() - start;
  async function repeat(): Promise<void> {
    while (passed() < seconds * 1_000) {
      try {
        if (await lookUp(begun++, signal)) answeredAt.push(passed());
        else errors++;
      } catch {
        errors++;
        // No response: the process is gone, and would be asked without a pause.
        await sleep(100);
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, repeat));
  return { answeredAt, errors };
}

type LookUp = (url: string, accountId: string, user: ChimeUser, signal: AbortSignal) => Promise<boolean>;

const viaGraphql: LookUp = async (url, accountId, user, signal) => {
  const variables = { accountId, userId: user.UserId };
  const { body } = await exchange("POST", `${url}/graphql`, { query: userQuery, variables }, signal);
  const { data, errors } = JSON.parse(body);
  return !errors && isUser(data?.user, user);
};

const viaRest: LookUp = async (url, accountId, user, signal) => {
  const { body } = await exchange("POST", `${url}/user`, { accountId, userId: user.UserId }, signal);
  return isUser(JSON.parse(body).user, user);
};

const isUser = (found: { primaryEmail?: unknown; personalPin?: unknown } | undefined, user: ChimeUser) =>
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

/** The median, and where there are several rounds the worst of them. */
function figure(numbers: readonly number[], worst = Math.min, digits = 2): string {
  const middle = median(numbers).toFixed(digits);
  return numbers.length > 1 ? `${middle} (${worst(...numbers).toFixed(digits)})` : middle;
}

/** What the gateway reaches of its goals: in each round, or it is not reached. */
export function throttlingGoals(measured: readonly Measured[], build: EarlierBuild | undefined): Row[] {
  return measured
    .filter(({ contender }) => contender === ours)
    .flatMap((own) => {
      const other = (name: string) =>
        measured.find(({ load, contender }) => nameOf(load) === nameOf(own.load) && contender === name);
      const [sdk, previous] = [other(floor), other(earlier)];
      return [
        goalOf(own),
        ...(sdk ? [aheadOf(own, sdk)] : []),
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
    promise: `Throttled ${nameOf(load)}: at least 0.90 of the capacity answered, 0.70 in the worst second, no errors, at most ${calls} calls a lookup`,
    figure: `${worst.share.toFixed(2)}, ${worst.worstSecond.toFixed(2)}, ${worst.errors}, ${worst.calls.toFixed(2)}`,
    ok: worst.share >= 0.9 && worst.worstSecond >= 0.7 && worst.errors === 0 && worst.calls <= calls,
  };
}

const shareOf = ({ outcomes }: Measured): string => median(outcomes.map(({ share }) => share)).toFixed(2);

function aheadOf(own: Measured, sdk: Measured): Row {
  return {
    promise: `Throttled ${nameOf(own.load)}: at least as much answered as by the SDK's standard mode`,
    figure: `${shareOf(own)} and ${shareOf(sdk)}`,
    ok: Number(shareOf(own)) >= Number(shareOf(sdk)),
  };
}

function comparedWith(own: Measured, previous: Measured, { title }: EarlierBuild): Row {
  return {
    promise: `Throttled ${nameOf(own.load)}: at least 0.9 of what the build of ${title} answers`,
    figure: `${shareOf(own)} and ${shareOf(previous)}`,
    ok: Number(shareOf(own)) >= 0.9 * Number(shareOf(previous)),
  };
}
