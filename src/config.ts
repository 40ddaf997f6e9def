import { z } from "zod";
import { type Config, checkedSettings, groups, type Settings, toConfig } from "./config/settings.js";
import { type Env, inputOf, problemOf } from "./config/variables.js";
import { findStartProblems } from "./startProblems.js";

export type { Config } from "./config/settings.js";

/** Something is wrong with the settings: all problems, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const config = checkedSettings.transform(toConfig);

const startableConfig = checkedSettings
  .check(
    z.superRefine(
      async (settings: Settings, { addIssue }) => {
        for (const message of await findStartProblems(settings))
          addIssue({ code: "custom", path: [], message });
      },
      { when: () => true },
    ),
  )
  .transform(toConfig);

/**
 * Reads the configuration from environment variables.
 *
 * @throws ConfigError that names every bad setting
 */
export const readConfig = (env: Env): Config => configOf(config.safeParse(inputsOf(env)));

/**
 * Reads the configuration of a program that is about to listen: a port in use and an unreadable file are problems as well.
 *
 * @throws ConfigError that names every bad setting
 */
export const readStartableConfig = async (env: Env): Promise<Config> =>
  configOf(await startableConfig.safeParseAsync(inputsOf(env)));

const inputsOf = (env: Env) => ({
  ...Object.fromEntries(Object.entries(groups).map(([name, { shape }]) => [name, inputOf(shape, env)])),
  isProduction: env["NODE_ENV"] === "production",
});

function configOf({ data, error }: z.ZodSafeParseResult<Config>): Config {
  if (data) return data;
  const problems = error.issues.map(({ path: [group, key], message }) =>
    group === undefined ? message : problemOf(groups[group as keyof typeof groups].shape, key, message),
  );
  throw new ConfigError([...new Set(problems)]);
}

/** To be printed where `auth.isOpen`. */
export const openWarning = "AUTH=none: anyone who can reach the gateway acts with its AWS credentials.";
