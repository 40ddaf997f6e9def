import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server in Chime's place that answers what Chime never would. */
export interface Stub {
  readonly url: string;
  close(): Promise<void>;
}

export async function startStub(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Stub> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
