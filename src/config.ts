import { z } from "zod";
import { type ChimeLocalSettings, chimeLocalSettings } from "./config/chimeLocal.js";
import { type Config, checkedSettings, groups, toConfig } from "./config/settings.js";
import { type Env, inputOf, problemOf } from "./config/variables.js";
import { findChimeLocalProblems, findLambdaProblems, findStartProblems } from "./startProblems.js";

export type { Config } from "./config/settings.js";

/** Something is wrong with the settings: all problems, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Adds problems that the settings alone do not show. */
const reportAlso = <Output>(find: (settings: Output) => Promise<readonly string[]>) =>
  z.superRefine<Output>(
    async (settings, { addIssue }) => {
      for (const message of await find(settings)) addIssue({ code: "custom", path: [], message });
    },
    { when: () => true },
  );

const config = checkedSettings.transform(toConfig);
const startableConfig = checkedSettings.check(reportAlso(findStartProblems)).transform(toConfig);
const lambdaConfig = checkedSettings.check(reportAlso(findLambdaProblems)).transform(toConfig);
const chimeLocalConfig = z
  .object({ chimeLocal: chimeLocalSettings })
  .check(reportAlso(findChimeLocalProblems))
  .transform(({ chimeLocal }) => chimeLocal);

/**
 * Reads the configuration from environment variables.
 *
 * @throws ConfigError that names every bad setting
 */
export const readConfig = (env: Env): Config => outputOf(config.safeParse(inputsOf(env)));

/**
 * Reads the configuration of a gateway that is about to listen: ports in use and unusable files are problems as well.
 *
 * @throws ConfigError that names every bad setting
 */
export const readStartableConfig = async (env: Env): Promise<Config> =>
  outputOf(await startableConfig.safeParseAsync(inputsOf(env)));

/**
 * Reads the configuration of a function on AWS Lambda: the embedded Chime and an unusable manifest are problems as well.
 *
 * @throws ConfigError that names every bad setting
 */
export const readLambdaConfig = async (env: Env): Promise<Config> =>
  outputOf(await lambdaConfig.safeParseAsync(inputsOf({ ...env, NODE_ENV: "production" })));

/**
 * Reads the settings of an embedded Chime without a gateway, as `readStartableConfig` does.
 *
 * @throws ConfigError that names every bad setting
 */
export const readChimeLocalConfig = async (env: Env): Promise<ChimeLocalSettings> =>
  outputOf(await chimeLocalConfig.safeParseAsync(inputsOf(env)));

const inputsOf = (env: Env) => ({
  ...Object.fromEntries(Object.entries(groups).map(([name, { shape }]) => [name, inputOf(shape, env)])),
  isProduction: env["NODE_ENV"] === "production",
});

function outputOf<Output>({ data, error }: z.ZodSafeParseResult<Output>): Output {
  if (error === undefined) return data;
  const problems = error.issues.map(({ path: [group, key], message }) =>
    group === undefined ? message : problemOf(groups[group as keyof typeof groups].shape, key, message),
  );
  throw new ConfigError([...new Set(problems)]);
}

/** A warning to print if `auth.isOpen` is true. */
export const openWarning = "AUTH=none: anyone who can reach the gateway acts with its AWS credentials.";
