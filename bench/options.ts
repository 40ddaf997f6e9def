import { parseArgs } from "node:util";
import { adaptive, baseline, earlier, ours, titles } from "./contenders.js";
import { type Load, loadOf, standardLoads } from "./loads.js";

const queryContenders = Object.keys(titles).filter((name) => name !== earlier);

const usage = `npm run bench [-- part ... [options]]

Parts: Q1 ... Q10, M1    a query
       queries           all of them
       throttling        all throttling loads
       500/64/10/20      a throttling load: calls a second that Chime accepts / clients / burst / ms of latency
Without a part everything is measured, with --before the queries.

--rounds N               rounds (queries: 5, throttling loads: 1)
--before REF             also measures the build of a git commit
--contenders a,b         measures these beside the gateway; the queries need the REST endpoint in any case:
                         ${queryContenders.slice(1).join(", ")}; for throttling loads ${baseline} (the SDK's standard mode), ${adaptive}
`;

/** What is to be measured. */
export interface Options {
  /** Names of queries; undefined for all of them. */
  readonly queries: readonly string[] | undefined;
  readonly measuresQueries: boolean;
  /** The gateway as a process. */
  readonly measuresLifecycle: boolean;
  readonly loads: readonly Load[];
  readonly queryContenders: readonly string[];
  readonly throttlingContenders: readonly string[];
  readonly queryRounds: number;
  readonly throttlingRounds: number;
  /** A git ref. */
  readonly before: string | undefined;
  /** Whether the results are written to RESULTS.md. */
  readonly isComplete: boolean;
}

/** @throws with the usage */
export function readOptions(args: readonly string[]): Options {
  const { positionals: parts, values } = parse(args);
  const { before, rounds, contenders } = values;
  const count = rounds === undefined ? undefined : Number(rounds);
  if (count !== undefined && !(Number.isInteger(count) && count > 0))
    throw new Error(`--rounds ${rounds}: not a whole number above 0.\n\n${usage}`);

  const queries = parts.filter((part) => /^[A-Z]\d+$/.test(part));
  const loads = parts.flatMap((part) => loadOf(part) ?? []);
  const others = parts.filter((part) => !queries.includes(part) && !loadOf(part));
  const unknown = others.filter((part) => part !== "queries" && part !== "throttling");
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(", ")}.\n\n${usage}`);

  const everything = parts.length === 0 && before === undefined;
  const allQueries = parts.length === 0 || parts.includes("queries");
  const chosen = contenders?.split(",");
  const known = [ours, earlier, adaptive, ...Object.keys(titles)];
  const unknownContenders = chosen?.filter((name) => !known.includes(name)) ?? [];
  if (unknownContenders.length > 0)
    throw new Error(`Unknown contenders: ${unknownContenders.join(", ")}.\n\n${usage}`);

  /** The earlier build comes next to the gateway, so that little changes on the machine between the two. */
  const withGateway = (names: readonly string[]): string[] => [
    ...new Set([
      ours,
      ...(before === undefined ? [] : [earlier]),
      ...names.filter((name) => name !== earlier),
    ]),
  ];
  return {
    queries: allQueries ? undefined : queries,
    measuresQueries: allQueries || queries.length > 0,
    measuresLifecycle: everything,
    loads: loads.length > 0 ? loads : everything || parts.includes("throttling") ? standardLoads : [],
    queryContenders: withGateway([
      baseline,
      ...(chosen ?? queryContenders).filter((name) => queryContenders.includes(name)),
    ]),
    throttlingContenders: withGateway(
      (chosen ?? [baseline, adaptive]).filter((name) => name === baseline || name === adaptive),
    ),
    queryRounds: count ?? 5,
    throttlingRounds: count ?? 1,
    before,
    isComplete: everything && contenders === undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        before: { type: "string" },
        contenders: { type: "string" },
        rounds: { type: "string" },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
