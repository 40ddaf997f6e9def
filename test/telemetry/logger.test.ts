import { type FastifyInstance, fastify } from "fastify";
import { expect, test } from "vitest";
import { loggerSettings } from "../../src/telemetry/logger.js";

/** What Fastify logs while it answers a request. */
async function logged(prepare: (app: FastifyInstance) => void): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const app = fastify({ logger: { ...(await loggerSettings("warn")), stream } });
  prepare(app);
  const url = await app.listen({ port: 0 });
  await fetch(`${url}/somewhere?email=ada@example.com`);
  await app.close();
  return lines.map((line) => JSON.parse(line));
}

test("Fastify's own log lines quote neither a request's URL nor an error's message", async () => {
  const twice = await logged((app) => {
    app.get("/somewhere", (_request, reply) => {
      reply.send("one");
      reply.send("two");
    });
  });
  const thrown = await logged((app) => {
    app.get("/somewhere", async ({ url }) => {
      throw new TypeError(`What is ${url}?`);
    });
  });
  const error = {
    type: "FastifyError",
    message: "FST_ERR_REP_ALREADY_SENT",
    stack: expect.stringMatching(/^\s+at /),
  };
  expect(twice).toMatchObject([{ level: 40, msg: "FST_ERR_REP_ALREADY_SENT", err: error }]);
  expect(thrown).toMatchObject([
    { level: 50, msg: "TypeError", err: { type: "TypeError", message: "TypeError" } },
  ]);
  expect(JSON.stringify([twice, thrown])).not.toContain("ada@example.com");
});
