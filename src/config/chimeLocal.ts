import { z } from "zod";
import { type Env, inputOf, port, problemOf, setting, text, wholeNumber } from "./variables.js";

/** The settings of the embedded Chime, alone or in a gateway. */
export const chimeLocalSettings = z
  .object({
    port: setting("CHIME_LOCAL_PORT", port, "Port of the embedded Chime; 0 picks a free one.", "4001"),
    dataFile: setting(
      "CHIME_LOCAL_DATA",
      text("a path, or :memory:"),
      "File in which the embedded Chime keeps its state; `:memory:` keeps it in memory only.",
      ".chime-local/chime.db",
    ),
    users: setting(
      "CHIME_LOCAL_USERS",
      // The same as `maxUsers` of src/chime-local/seed.ts.
      wholeNumber(0, 1_000_000),
      "Users of the largest seeded account, when the data file is created or reset.",
      "450",
    ),
  })
  .describe("Embedded Chime (CHIME_MODE=local)");

export type ChimeLocalSettings = z.output<typeof chimeLocalSettings>;

/** Reads the settings of the embedded Chime, or reports all problems with them, a line each. */
export function readChimeLocalSettings(
  env: Env,
): { settings: ChimeLocalSettings } | { problems: readonly string[] } {
  const { shape } = chimeLocalSettings;
  const { data, error } = chimeLocalSettings.safeParse(inputOf(shape, env));
  if (data) return { settings: data };
  return { problems: error.issues.map(({ path, message }) => problemOf(shape, path[0], message)) };
}
