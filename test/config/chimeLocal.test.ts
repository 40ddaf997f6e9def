import { expect, test } from "vitest";
import { ConfigError, readChimeLocalConfig } from "../../src/config.js";

/** A start that would succeed: no file, and any free port. */
const startable = { CHIME_LOCAL_DATA: ":memory:", CHIME_LOCAL_PORT: "0" };

test("each setting can be set, and there are 450 users by default", async () => {
  const settings = { host: "127.0.0.1", port: 0, dataFile: ":memory:" };
  expect(await readChimeLocalConfig(startable)).toEqual({ ...settings, users: 450 });
  expect(await readChimeLocalConfig({ ...startable, CHIME_LOCAL_USERS: " " })).toEqual({
    ...settings,
    users: 450,
  });
  expect(await readChimeLocalConfig({ ...startable, CHIME_LOCAL_USERS: "100000", HOME: "/" })).toEqual({
    ...settings,
    users: 100_000,
  });
});

test.each(["abc", "-1", "1.5", "65536", "1e3", "0x10"])("CHIME_LOCAL_PORT=%s is a problem", async (port) => {
  await expect(readChimeLocalConfig({ ...startable, CHIME_LOCAL_PORT: port })).rejects.toThrow(
    new ConfigError([`CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "${port}"`]),
  );
});

test.each(["192.0.2.1", "::", "localhost"])("CHIME_LOCAL_HOST=%s is a problem", async (host) => {
  await expect(readChimeLocalConfig({ ...startable, CHIME_LOCAL_HOST: host })).rejects.toThrow(
    new ConfigError(["CHIME_LOCAL_HOST must be 127.0.0.1 or another loopback address, or 0.0.0.0"]),
  );
});

test("all problems are reported at once", async () => {
  const env = { ...startable, CHIME_LOCAL_PORT: "x", CHIME_LOCAL_USERS: "many" };
  await expect(readChimeLocalConfig(env)).rejects.toThrow(
    new ConfigError([
      `CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "x"`,
      `CHIME_LOCAL_USERS must be a whole number from 0 to 1000000, not "many"`,
    ]),
  );
});
