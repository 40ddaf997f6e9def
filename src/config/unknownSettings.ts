// graphql's own "Did you mean".
import { suggestionList } from "graphql/jsutils/suggestionList.js";
import { settingNames } from "./settings.js";
import type { Env } from "./variables.js";

/** Settings of 0.2.0 that no longer exist, and what holds instead. */
export const removedSettings: Readonly<Record<string, string>> = {
  AUTH_ALGORITHMS: "tokens may be signed with RS256, PS256, ES256 and EdDSA",
  CACHE_ENTRIES: "the cache in memory holds 10000 entries",
  CHIME_CALL_TIMEOUT_MS: "an attempt may take 5 seconds, or half of WRITE_DEADLINE_MS if that is less",
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

/** Our prefixes; METRICS_PORT and others have none, so their misspellings cannot be distinguished from other programs' variables. */
const ourPrefixes = /^(CHIME|LIMIT|AUTH|AUDIT|RATE_LIMIT)_/;
/** What Kubernetes sets in each pod, for a Service that is named chime-graphql or auth, say. */
const fromKubernetes = /_SERVICE_|_PORT$|_PORT_/;

/** A warning for each variable that looks like a setting but isn't one. An empty variable counts as unset. */
export const unknownSettings = (env: Env): readonly string[] =>
  Object.keys(env)
    .filter((name) => env[name]?.trim() && !settingNames.has(name))
    .flatMap((name) => {
      if (removedSettings[name]) return `${name} was removed and is ignored: ${removedSettings[name]}.`;
      if (!ourPrefixes.test(name) || fromKubernetes.test(name)) return [];
      const nearest = nearestSetting(name);
      return `${name} is not a setting and is ignored. ${nearest ? `Did you mean ${nearest}?` : "--help lists all settings."}`;
    });

/** A setting that begins like the name, as LIMIT_BODY_BYTES does like LIMIT_BODY and AUTH_SCOPE_CLAIM like AUTH_SCOPES, else a similar one. */
function nearestSetting(name: string): string | undefined {
  const settings = [...settingNames];
  const begun = name.slice(0, -1);
  const isSpecific = begun.replace(ourPrefixes, "").length >= 3;
  const longer = isSpecific ? settings.filter((setting) => setting.startsWith(begun)) : [];
  return suggestionList(name, longer)[0] ?? longer[0] ?? suggestionList(name, settings)[0];
}
