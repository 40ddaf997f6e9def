import { z } from "zod";
import { setting, textThat } from "./variables.js";

export const schemaPrefix = textThat(
  "1 to 32 letters and digits, the first a capital letter, such as Chime",
  (prefix) => /^[A-Z][A-Za-z0-9]{0,31}$/.test(prefix),
);

export const schemaSettings = z
  .object({
    prefix: setting(
      "SCHEMA_PREFIX",
      schemaPrefix,
      "Prefix of the names of types and root fields, for a supergraph in which another subgraph has a `User`: with `Chime`, `ChimeUser` and `chimeUser`.",
      { ifUnset: "none" },
    ),
  })
  .describe("Schema");
