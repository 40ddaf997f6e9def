import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A proxy in front of Chime that counts how often each user was updated by a successful BatchUpdateUser. */
export async function startRecordingProxy(chimeUrl: string) {
  const updates = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const { method, url, headers } = incoming;
    const sent = request(new URL(url ?? "/", chimeUrl), { method, headers, agent });
    sent.on("response", async (received) => {
      const content = await buffer(received);
      if (received.statusCode === 200 && method === "POST" && body.includes("UpdateUserRequestItems"))
        for (const { UserId } of JSON.parse(body.toString()).UpdateUserRequestItems)
          updates.set(UserId, (updates.get(UserId) ?? 0) + 1);
      response.writeHead(received.statusCode ?? 502, received.headers).end(content);
    });
    sent.on("error", () => response.destroy());
    sent.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    updates,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
