import { request } from "node:http";
import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startOn, useWorld } from "../support/world.js";

const world = useWorld({ CHIME_LOCAL_USERS: "0" });

/** Asks a gateway under some name, as a browser does that was told that the name is this machine's. */
const askAs = (host: string, url: string, path = "/graphql?query={__typename}") =>
  new Promise((resolve, reject) => {
    request(url + path, { headers: { host, "apollo-require-preflight": "true" } }, async (response) => {
      const body = (await json(response).catch(() => undefined)) as { errors?: object[] } | undefined;
      resolve([response.statusCode, body?.errors?.map(codeOf)]);
    })
      .on("error", reject)
      .end();
  });
const codeOf = (error: { extensions?: { code: string } }) => error.extensions?.code;

test("a gateway for this machine that asks nobody who they are answers under this machine's names", async () => {
  const { port } = new URL(world.url);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST"])
    expect(await askAs(host, world.url), host).toEqual([200, undefined]);
});

test("it answers under no other, whatever is asked: a page's name could be made to lead here", async () => {
  const { port } = new URL(world.url);
  for (const host of [
    `evil.example.com:${port}`,
    "127.0.0.1.example.com",
    "localhost.example.com",
    "10.0.0.1",
  ])
    expect(await askAs(host, world.url), host).toEqual([403, ["FORBIDDEN"]]);
  for (const path of ["/metrics", "/graphiql", "/health/ready", "/"])
    expect(await askAs("evil.example.com", world.url, path), path).toEqual([403, ["FORBIDDEN"]]);
  expect(await world.calls()).toEqual({});
});

test("one that has a router's secret, or that other machines reach, has names of its own", async () => {
  const open = await startOn(world.chimeUrl, { HOST: "0.0.0.0", AUTH: "none" });
  const guarded = await startOn(world.chimeUrl, { ROUTER_SECRET: "0123456789abcdef" });
  try {
    const { port } = new URL(open.url);
    expect(await askAs("chime.example.com", `http://127.0.0.1:${port}`)).toEqual([200, undefined]);
    expect(await askAs("chime.example.com", guarded.url, "/health/live")).toEqual([200, undefined]);
  } finally {
    await Promise.all([open.close(), guarded.close()]);
  }
});
