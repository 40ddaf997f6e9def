import { z } from "zod";
import { maxUsers } from "./seed.js";

/** A whole number in an environment variable; a blank one counts as absent. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .optional()
    .transform((text) => text?.trim() || String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

/** The environment variables of the embedded Chime, for a gateway that starts it to share. */
export const chimeLocalFields = {
  CHIME_LOCAL_PORT: wholeNumber(4001, 0, 65_535).describe("Port of the embedded Chime. 0 takes any free one"),
  CHIME_LOCAL_DATA: z
    .string()
    .optional()
    .transform((text) => text?.trim() || ".chime-local/chime.db")
    .describe("File in which the embedded Chime keeps its state; `:memory:` keeps none"),
  CHIME_LOCAL_USERS: wholeNumber(450, 0, maxUsers).describe(
    "Users of the largest seeded account; matters when the data file is made, and at a reset",
  ),
};

export interface ChimeLocalSettings {
  readonly port: number;
  /** A path, or `:memory:`. */
  readonly dataFile: string;
  readonly users: number;
}

/** Reads the settings of the embedded Chime, or says everything that is wrong with them, a line each. */
export function readChimeLocalSettings(
  env: Readonly<Record<string, string | undefined>>,
): { settings: ChimeLocalSettings } | { problems: string[] } {
  const { success, data, error } = z.object(chimeLocalFields).safeParse(env);
  if (!success) return { problems: error.issues.map(({ path, message }) => `${path.join(".")} ${message}.`) };
  return {
    settings: {
      port: data.CHIME_LOCAL_PORT,
      dataFile: data.CHIME_LOCAL_DATA,
      users: data.CHIME_LOCAL_USERS,
    },
  };
}
