import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createLoadClient,
  graphqlRequest,
  type LoadClient,
  type Outcome,
  percentile,
} from "../support/load.js";
import { startGateway } from "../support/processes.js";
import type { Row } from "../support/report.js";

const query = graphqlRequest({ query: `{ accounts(namePrefix: "Harbor") { nodes { name } } }` });
/** Its response is larger than what the system buffers for a client that does not read. */
const large = JSON.stringify({
  query: `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: accounts { nodes { users(first: 1000) { edges { cursor node { id userId accountId displayName primaryEmail licenseType } } } } }`).join(" ")} }`,
});
/** Bytes of that response, at least. */
const minBytes = 10_000_000;
const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** Clients that do not read. More would only measure how their responses are made. */
const readers = 5;
/** What each kind of the other clients sends at first, and what it trickles. */
const kinds = [
  { first: "", trickle: "" },
  { first: head, trickle: "X: y\r\n" },
  { first: `${head}Content-Length: 100000\r\n\r\n`, trickle: " " },
];
const clientsPerKind = 165;

/** Five hundred clients that hold their connections, beside one that behaves. */
export async function measureSlowClients(): Promise<Row[]> {
  const gateway = await startGateway();
  const client = createLoadClient([gateway.url], 1);
  try {
    await sendFor(client, 2);
    const before = await sendFor(client, 3);

    const unread = Array.from({ length: readers }, () =>
      open(gateway.url, `${head}Content-Length: ${large.length}\r\n\r\n${large}`),
    );
    await Promise.all(unread.map((socket) => once(socket, "readable")));
    const begun = performance.now();
    const clients = kinds.flatMap(({ first, trickle }) =>
      Array.from({ length: clientsPerKind }, () => ({ trickle, socket: open(gateway.url, first) })),
    );
    const cut = Promise.all(clients.map(({ socket }) => closed(socket.resume())));
    const trickling = setInterval(() => {
      for (const { socket, trickle } of clients) if (trickle && socket.writable) socket.write(trickle);
    }, 1_000);
    const during = await sendFor(client, 10);
    await Promise.race([cut, sleep(10_000)]);
    clearInterval(trickling);
    const left = clients.filter(({ socket }) => !socket.closed).length;
    const seconds = (performance.now() - begun) / 1000;
    await sleep(15_000 - seconds * 1000);
    const whole = (await Promise.all(unread.map(readRest))).filter((length) => length >= minBytes).length;
    for (const { socket } of clients) socket.destroy();

    const [quiet, busy] = [before, during].map((outcomes) =>
      percentile(
        outcomes.map(({ took }) => took),
        99,
      ),
    ) as [number, number];
    const failed = during.filter(({ status }) => status !== 200).length;
    return [
      {
        promise:
          "500 slow clients (silent, trickling headers or bodies, not reading) are disconnected within 15 s",
        figure: `${left + whole} left, the last of those that send was disconnected after ${seconds.toFixed(1)} s`,
        ok: left + whole === 0 && seconds <= 15,
      },
      {
        promise: "and other clients are answered as before",
        figure: `${during.length - failed} of ${during.length}; p99 ${busy.toFixed(0)} ms, before ${quiet.toFixed(0)} ms`,
        ok: failed === 0,
      },
    ];
  } finally {
    await client.close();
    await gateway.stop("SIGKILL");
  }
}

function open(url: string, text: string): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  // The gateway resets a connection that it ends.
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}

/** Unlike node:events' once, this does not reject when the connection is reset. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

/** How many bytes a client receives that begins to read late, before the connection ends. */
async function readRest(socket: Socket): Promise<number> {
  let length = 0;
  socket.on("data", (part: Buffer) => {
    length += part.length;
  });
  socket.resume();
  await Promise.race([closed(socket), sleep(3_000)]);
  socket.destroy();
  return length;
}

/** Ten requests a second, one after the other. */
async function sendFor(client: LoadClient, seconds: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let n = 0; n < seconds * 10; n++) {
    outcomes.push(await client.send(query));
    await sleep(100);
  }
  return outcomes;
}
