/** Apollo Server on Fastify. */
import { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import { fastify } from "fastify";
import { createLoaders } from "./loaders.js";
import { type Context, schema } from "./schema.js";

const apollo = new ApolloServer<Context>({ schema });
await apollo.start();
const app = fastify();
app.post("/graphql", fastifyApolloHandler(apollo, { context: async () => ({ loaders: createLoaders() }) }));
console.log(JSON.stringify({ msg: "started", url: await app.listen({ host: "127.0.0.1", port: 0 }) }));
