import { describe, expect, onTestFinished, test } from "vitest";
import { startOn, useHarness } from "../support/fixture.js";

const app = "https://app.example.com";
const studio = "https://studio.apollographql.com";
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const closed = useHarness({ CHIME_LOCAL_USERS: "0", EXPLORER: "off" });
const listed = useHarness({
  CHIME_LOCAL_USERS: "0",
  EXPLORER: "off",
  CORS_ORIGINS: `${app},http://10.0.0.5:3000`,
});
const both = useHarness({ CHIME_LOCAL_USERS: "0", CORS_ORIGINS: app });

const preflight = ({ url }: { readonly url: string }, origin: string, path = "/graphql") =>
  fetch(url + path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-chime-trace",
    },
  });

const isAllowed = async (gateway: { readonly url: string }, origin: string): Promise<boolean> =>
  (await preflight(gateway, origin)).headers.get("access-control-allow-origin") === origin;

/** Origins of pages that a development server on this machine serves. */
const loopback = [
  "http://localhost:5173",
  "https://localhost:5173",
  "http://localhost",
  "http://127.0.0.1:3000",
  "https://127.0.0.1",
  "http://[::1]:8080",
];

describe("pages of other origins", () => {
  test("Apollo's hosted Sandbox and Studio may call while EXPLORER is on", async () => {
    for (const origin of [studio, "https://sandbox.embed.apollographql.com"]) {
      const { status, headers } = await preflight(harness, origin);
      expect([status, headers.get("access-control-allow-origin")]).toEqual([204, origin]);
      expect(headers.get("access-control-allow-headers")).toBe("content-type,x-chime-trace");
    }
    expect(await isAllowed(closed, studio)).toBe(false);
  });

  test("CORS_ORIGINS may call, whether EXPLORER is on or off", async () => {
    for (const origin of [app, studio]) expect(await isAllowed(both, origin), origin).toBe(true);
    for (const origin of [app, "http://10.0.0.5:3000"])
      expect(await isAllowed(listed, origin), origin).toBe(true);
    expect(await isAllowed(listed, studio)).toBe(false);
  });

  test("pages of this machine may call if Chime is local, at any port", async () => {
    for (const origin of loopback)
      for (const gateway of [harness, closed, listed])
        expect(await isAllowed(gateway, origin), origin).toBe(true);
  });

  test("pages of this machine may not call if Chime is remote, unless CORS_ORIGINS has them", async () => {
    const remote = { CHIME_MODE: "remote", AUTH: "none" };
    const gateway = await startOn(harness.chimeUrl, remote);
    onTestFinished(() => gateway.close());
    for (const origin of loopback) expect(await isAllowed(gateway, origin), origin).toBe(false);

    const open = await startOn(harness.chimeUrl, { ...remote, CORS_ORIGINS: "http://localhost:5173" });
    onTestFinished(() => open.close());
    expect(await isAllowed(open, "http://localhost:5173")).toBe(true);
    expect(await isAllowed(open, "http://localhost:5174")).toBe(false);
  });

  test.each([
    "https://elsewhere.example.com",
    "null",
    "http://localhost.example.com",
    "http://localhost:5173/",
    "http://127.0.0.1.example.com",
    "http://user@localhost",
    "http://192.168.0.1",
    "file://localhost",
    "chrome-extension://localhost",
  ])("no others may call: %s", async (origin) => {
    expect(await isAllowed(harness, origin)).toBe(false);
  });

  test("the browser learns the methods of a path", async () => {
    const methodsOf = async (path: string) =>
      (await preflight(harness, studio, path)).headers.get("access-control-allow-methods");
    expect(await methodsOf("/graphql")).toBe("GET, POST");
    expect(await methodsOf("/export/accounts/a/users.csv")).toBe("GET");
    expect(await methodsOf("/health/ready")).toBe("GET");
  });

  test("the browser remembers a preflight for two hours", async () => {
    for (const path of ["/graphql", "/graphql/"])
      expect((await preflight(harness, studio, path)).headers.get("access-control-max-age")).toBe("7200");
  });
});
