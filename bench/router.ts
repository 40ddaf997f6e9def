/**
 * A program: the gateway as a subgraph behind a router (ROUTER), both in one process, so that their CPU counts together.
 * The supergraph has no scopes, which Apollo Gateway does not accept.
 */
import { dirname, join } from "node:path";
import { programs, runProcess } from "../test/support/processes.js";
import { composers, routers } from "../test/support/supergraph.js";

const built = <Module>(file: string): Promise<Module> => import(join(dirname(programs.gateway), file));
const { readConfig } = await built<typeof import("../src/config.js")>("config.js");
const { createUpstream } = await built<typeof import("../src/chime/upstream.js")>("chime/upstream.js");
const { startGateway } = await built<typeof import("../src/server/listen.js")>("server/listen.js");

const config = readConfig(process.env);
const upstream = createUpstream({
  ...config.chime,
  target: { mode: "remote", endpoint: config.chime.endpoint },
});
const gateway = await startGateway({ ...config, trace: false, shared: undefined }, upstream);

const { stdout } = await runProcess(["node", programs.gateway, "--print-schema", "--no-scopes"]);
const { problems, supergraph } = composers["@apollo/composition"]([
  { name: "chime", url: `${gateway.url}/graphql`, sdl: stdout },
]);
if (problems.length > 0) throw new Error(problems.join("\n"));
const router = await routers[process.env["ROUTER"] as keyof typeof routers]?.(supergraph);
console.log(JSON.stringify({ msg: "started", url: router?.url }));
