import { graphql } from "graphql";
import { createSchema } from "./schema.js";

// What a schema registry takes: the SDL that the running gateway tells a router, and nothing else.
const { data, errors } = await graphql({ schema: createSchema(), source: "{ _service { sdl } }" });
if (errors) throw errors[0];
const { _service: service } = data as { _service: { sdl: string } };
process.stdout.write(service.sdl);
