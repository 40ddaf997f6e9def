import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createAgent, type Outcome, percentile, post } from "./load.js";
import { startGateway } from "./processes.js";
import type { Row } from "./report.js";

const query = { query: `{ accounts(namePrefix: "Harbor") { nodes { name } } }` };
/** More than the system takes off the gateway's hands for a client that does not read. */
const large = JSON.stringify({
  query: `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: accounts { nodes { users(first: 1000) { edges { cursor node { id userId accountId displayName primaryEmail licenseType } } } } }`).join(" ")} }`,
});
/** Bytes of its answer, at least. */
const largest = 10_000_000;
const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** Of those that do not read. Making their answers is work, but not what this is about. */
const readers = 5;
/** What each kind of the others sends at first, and what it trickles. */
const kinds = [
  { first: "", trickle: "" },
  { first: head, trickle: "X: y\r\n" },
  { first: `${head}Content-Length: 100000\r\n\r\n`, trickle: " " },
];
const clientsPerKind = 165;

/** Five hundred clients that hold their connections, beside one that does not. */
export async function measureSlowClients(): Promise<Row[]> {
  const gateway = await startGateway();
  const agent = createAgent();
  try {
    await askFor(gateway.url, agent, 2);
    const before = await askFor(gateway.url, agent, 3);

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
    const during = await askFor(gateway.url, agent, 10);
    await Promise.race([cut, sleep(10_000)]);
    clearInterval(trickling);
    const left = clients.filter(({ socket }) => !socket.closed).length;
    const seconds = (performance.now() - begun) / 1000;
    await sleep(15_000 - seconds * 1000);
    const whole = (await Promise.all(unread.map(readRest))).filter((length) => length >= largest).length;
    for (const { socket } of clients) socket.destroy();

    const [quiet, besieged] = [before, during].map((outcomes) =>
      percentile(
        outcomes.map(({ took }) => took),
        99,
      ),
    ) as [number, number];
    const failed = during.filter(({ status }) => status !== 200).length;
    return [
      {
        promise: "500 slow clients are cut within 15 s: silent, trickling headers or bodies, not reading",
        figure: `${left + whole} left, the last of those that send was cut after ${seconds.toFixed(1)} s`,
        ok: left + whole === 0 && seconds <= 15,
      },
      {
        promise: "and others are answered as before",
        figure: `${during.length - failed} of ${during.length}; p99 ${besieged.toFixed(0)} ms, before ${quiet.toFixed(0)} ms`,
        ok: failed === 0,
      },
    ];
  } finally {
    agent.destroy();
    await gateway.stop("SIGKILL");
  }
}

function open(url: string, text: string): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  // A connection that is cut is reset.
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}

/** Unlike node:events' once, it does not mind that a connection is reset. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

/** How much comes to a client that begins to read late, before the connection ends. */
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
async function askFor(
  url: string,
  agent: ReturnType<typeof createAgent>,
  seconds: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let n = 0; n < seconds * 10; n++) {
    outcomes.push(await post(url, query, agent));
    await sleep(100);
  }
  return outcomes;
}
