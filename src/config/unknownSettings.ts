// graphql's own "Did you mean".
import { suggestionList } from "graphql/jsutils/suggestionList.js";
import { settingNames } from "./settings.js";
import type { Env } from "./variables.js";

/** Settings of 0.2.0 that no longer exist, and what holds instead. */
export const removedSettings: Readonly<Record<string, string>> = {
  AUTH_ALGORITHMS: "tokens may be signed with RS256, PS256, ES256 and EdDSA",
  CACHE_ENTRIES: "the cache in memory holds 10000 entries",
  CHIME_CALL_TIMEOUT_MS: "an attempt may take 4.5 seconds, or 0.45 of WRITE_DEADLINE_MS if that is less",
  LIMIT_ALIASES: "the limit is 200",
  LIMIT_DIRECTIVES: "the limit is 100",
  LIMIT_ENTITIES: "the limit is 1000",
  LIMIT_LIST_ITEMS: "the limit is 500",
  LIMIT_OVERLAPS: "the limit is 10000",
  LIMIT_ROOT_FIELDS: "the limit is 20",
  LIMIT_ROOT_MUTATIONS: "the limit is 5",
  LIMIT_SELECTIONS: "the limit is 2000",
  LIMIT_TOKENS: "the limit is 12000",
  METRICS_OPERATIONS: "metrics name 100 operations besides persisted ones",
  USER_BATCH_PAGES: "the gateway reads at most 5 pages",
  USER_BATCH_THRESHOLD: "the gateway reads pages for 3 users or more",
};

/** Variables with these prefixes are ours. Any other may be another program's, unless it is one letter from a setting. */
export const ourPrefixes = ["CHIME_", "LIMIT_", "AUTH_", "AUDIT_", "RATE_LIMIT_"];
/** Variables that Kubernetes sets in each pod, for a Service named chime-graphql or auth, for example. */
const fromKubernetes = /_SERVICE_|_PORT$|_PORT_/;

/** Whether one letter was added, removed or replaced, or two neighbors were swapped. Short names may be another program's. */
function isOneEditApart(name: string, setting: string): boolean {
  if (setting.length < 8 || Math.abs(name.length - setting.length) > 1) return false;
  let start = 0;
  while (start < name.length && name[start] === setting[start]) start++;
  const [rest, expected] = [name.slice(start), setting.slice(start)];
  return (
    rest.slice(1) === expected ||
    rest === expected.slice(1) ||
    rest.slice(1) === expected.slice(1) ||
    (rest.slice(2) === expected.slice(2) && rest[0] === expected[1] && rest[1] === expected[0])
  );
}

/** A warning for each variable that looks like a setting but isn't one. An empty variable counts as unset. */
export const unknownSettings = (env: Env): readonly string[] =>
  Object.keys(env)
    .filter((name) => env[name]?.trim() && !settingNames.has(name))
    .flatMap((name) => {
      if (removedSettings[name]) return `${name} was removed and is ignored: ${removedSettings[name]}.`;
      const isOurs =
        ourPrefixes.some((prefix) => name.startsWith(prefix)) ||
        [...settingNames].some((setting) => isOneEditApart(name, setting));
      if (!isOurs || fromKubernetes.test(name)) return [];
      const suggested = nearestSetting(name);
      return `${name} is not a setting and is ignored. ${suggested ? `Did you mean ${suggested}?` : "--help lists all settings."}`;
    });

/** A setting that begins like the name, as LIMIT_BODY_BYTES does like LIMIT_BODY, else a similar one. */
function nearestSetting(name: string): string | undefined {
  const settings = [...settingNames];
  const begun = name.slice(0, -1);
  const prefix = ourPrefixes.find((each) => name.startsWith(each));
  const isSpecific = prefix !== undefined && begun.length >= prefix.length + 3;
  const longer = isSpecific ? settings.filter((setting) => setting.startsWith(begun)) : [];
  return suggestionList(name, longer)[0] ?? longer[0] ?? suggestionList(name, settings)[0];
}
