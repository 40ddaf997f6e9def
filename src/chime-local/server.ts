import { once, setMaxListeners } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestLog } from "./callLog.js";
import { createControl } from "./control.js";
import { createExchange } from "./exchange.js";
import { createFaults } from "./faults.js";
import { createOperations } from "./operations.js";
import { seedStore } from "./seed.js";
import { openStore } from "./store/store.js";

export interface ChimeLocalOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** A path, made if it isn't there, or `:memory:`. */
  readonly dataFile: string;
  /** Users of the large seeded account; matters only when the data file is made, and after a reset. */
  readonly users: number;
  readonly host?: "127.0.0.1";
  /** Takes a line for each failure that is the server's own. */
  readonly log?: (line: string) => void;
}

export interface ChimeLocal {
  /** Such as `http://127.0.0.1:4001`: the endpoint for an SDK or the AWS CLI. */
  readonly url: string;
  /** Stops the server: requests under way are answered, or cut off after half a second, and the data file is closed. */
  close(): Promise<void>;
}

const graceMilliseconds = 500;

/**
 * Starts the embedded Chime: a stateful server of the 13 operations on accounts and users that speaks Chime's own wire
 * protocol.
 * @throws Error whose message is one line for the user: the port is taken, or the data file can't be used
 */
export async function startChimeLocal(options: ChimeLocalOptions): Promise<ChimeLocal> {
  const { port, dataFile, host = "127.0.0.1", log: report = () => undefined } = options;
  let { users } = options;
  const store = openStore(dataFile);
  const stop = new AbortController();
  // Every request that waits listens to it: more than ten is no leak.
  setMaxListeners(0, stop.signal);
  try {
    store.seedIfEmpty((empty) => seedStore(empty, users));
    const faults = createFaults();
    const log = createRequestLog();
    const control = createControl({
      faults,
      log,
      reset(newUsers) {
        users = newUsers ?? users;
        store.reset((empty) => seedStore(empty, users));
        return users;
      },
    });
    const perform = createOperations(store);
    const exchange = createExchange({ perform, control, faults, log, stopping: stop.signal, report });
    const server = createServer(
      {
        // Longer than clients keep an idle connection, or a request meets a connection that is just being closed.
        keepAliveTimeout: 75_000,
        requestTimeout: 30_000,
        // A request without Host gets the same answer as one with a foreign Host.
        requireHostHeader: false,
      },
      exchange,
    );
    await listen(server, port, host);
    const address = server.address() as AddressInfo;
    let closed: Promise<void> | undefined;
    return {
      url: `http://${host}:${address.port}`,
      close() {
        stop.abort();
        closed ??= closeServer(server).then(store.close);
        return closed;
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "EADDRINUSE" ? "it is in use" : code === "EACCES" ? "it needs more rights" : String(error);
    throw new Error(`The embedded Chime can't listen on port ${port} (CHIME_LOCAL_PORT): ${reason}.`, {
      cause: error,
    });
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const grace = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await closed;
  clearTimeout(grace);
}
