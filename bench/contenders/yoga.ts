/** GraphQL Yoga on Node's own server. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createYoga } from "graphql-yoga";
import { createLoaders } from "./loaders.js";
import { schema } from "./schema.js";

const yoga = createYoga({ schema, logging: false, context: () => ({ loaders: createLoaders() }) });
const server = createServer(yoga).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
console.log(JSON.stringify({ msg: "started", url: `http://127.0.0.1:${port}` }));
