/** Mercurius, which compiles a query that comes again. */
import { fastify } from "fastify";
import { mercurius } from "mercurius";
import { createLoaders } from "./loaders.js";
import { schema } from "./schema.js";

const app = fastify();
await app.register(mercurius, { schema, jit: 1, context: () => ({ loaders: createLoaders() }) });
console.log(JSON.stringify({ msg: "started", url: await app.listen({ host: "127.0.0.1", port: 0 }) }));
