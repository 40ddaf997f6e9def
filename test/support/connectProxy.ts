import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy that opens tunnels. */
export interface ConnectProxy {
  readonly url: string;
  /** The hosts and ports to which it was asked for a tunnel, oldest first. */
  readonly asked: readonly string[];
  /** What it does with further requests: `refuse` answers with 403, `hang` with nothing. */
  mode: "open" | "refuse" | "hang";
  close(): Promise<void>;
}

/** @param targets the ports of this machine on which the hosts are found */
export async function startConnectProxy(
  targets: Readonly<Record<string, string>> = {},
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", keep);
  server.on("connect", ({ url = "" }, near: Socket) => {
    asked.push(url);
    if (proxy.mode === "hang") return;
    const target = targets[url];
    if (proxy.mode === "refuse" || target === undefined) {
      near.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const far = connect(Number(new URL(target).port), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    keep(far);
    far.on("close", () => near.destroy());
    near.on("close", () => far.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const proxy: ConnectProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    mode: "open",
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
