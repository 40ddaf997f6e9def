import { expect, test } from "vitest";
import { readChimeLocalSettings } from "../../src/config/chimeLocal.js";

test("without settings the server takes port 4001, a file in .chime-local and 450 users", () => {
  const defaults = { settings: { port: 4001, dataFile: ".chime-local/chime.db", users: 450 } };
  expect(readChimeLocalSettings({})).toEqual(defaults);
  expect(
    readChimeLocalSettings({ CHIME_LOCAL_PORT: "", CHIME_LOCAL_DATA: " ", CHIME_LOCAL_USERS: "" }),
  ).toEqual(defaults);
});

test("each setting can be set", () => {
  const env = { CHIME_LOCAL_PORT: "0", CHIME_LOCAL_DATA: ":memory:", CHIME_LOCAL_USERS: "100000", HOME: "/" };
  expect(readChimeLocalSettings(env)).toEqual({
    settings: { port: 0, dataFile: ":memory:", users: 100_000 },
  });
});

test.each(["abc", "-1", "1.5", "65536", "1e3", "0x10"])("CHIME_LOCAL_PORT=%s is a problem", (port) => {
  expect(readChimeLocalSettings({ CHIME_LOCAL_PORT: port })).toEqual({
    problems: [`CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "${port}"`],
  });
});

test("all problems are reported at once", () => {
  expect(readChimeLocalSettings({ CHIME_LOCAL_PORT: "x", CHIME_LOCAL_USERS: "many" })).toEqual({
    problems: [
      `CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "x"`,
      `CHIME_LOCAL_USERS must be a whole number from 0 to 1000000, not "many"`,
    ],
  });
});
