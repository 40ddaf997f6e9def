import { ConfigError, readConfig } from "../../src/config.js";

/** What is wrong with settings: the lines of the error. */
export function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
