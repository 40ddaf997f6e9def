import { z } from "zod";
import { port, setting, text, textThat, wholeNumber } from "./variables.js";

/** The settings of the embedded Chime, alone or in a gateway. */
export const chimeLocalSettings = z
  .object({
    host: setting(
      "CHIME_LOCAL_HOST",
      textThat("127.0.0.1 or another loopback address, or 0.0.0.0", (host) =>
        /^(127(\.\d{1,3}){3}|0\.0\.0\.0)$/.test(host),
      ),
      "Address on which the embedded Chime listens, which authenticates nobody: `0.0.0.0` in a container, to publish its port.",
      "127.0.0.1",
    ),
    port: setting("CHIME_LOCAL_PORT", port, "Port of the embedded Chime; 0 picks a free one.", "4001"),
    dataFile: setting(
      "CHIME_LOCAL_DATA",
      text("a path, or :memory:"),
      "File in which the embedded Chime keeps its state; `:memory:` keeps it in memory only.",
      ".chime-local/chime.db",
    ),
    users: setting(
      "CHIME_LOCAL_USERS",
      // The same as `maxUsers` of src/chime-local/seed/ids.ts.
      wholeNumber(0, 1_000_000),
      "Users of the largest seeded account, when the data file is created or reset.",
      "450",
    ),
  })
  .describe("Embedded Chime (CHIME_MODE=local)");

export type ChimeLocalSettings = z.output<typeof chimeLocalSettings>;
