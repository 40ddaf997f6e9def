import { once, setMaxListeners } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cannotListen } from "../network.js";
import { createCallLog } from "./callLog.js";
import { createControl } from "./control.js";
import { createFaults } from "./faults.js";
import { createOperations } from "./operations.js";
import { seedStore } from "./seed/index.js";
import { openStore } from "./store/store.js";
import { createRequestListener } from "./wire/requestListener.js";

export interface ChimeLocalOptions {
  /** A loopback address, or 0.0.0.0 for all addresses. 127.0.0.1 by default. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** A path, or `:memory:`. Created if it doesn't exist. */
  readonly dataFile: string;
  /** Users of the large seeded account. Used when the data file is created, and at a reset. */
  readonly users: number;
}

export interface ChimeLocal {
  /** The endpoint for an SDK or the AWS CLI, such as `http://127.0.0.1:4001`. */
  readonly url: string;
  /** Stops the server and closes the data file. Active requests have half a second to complete. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";
const shutdownTimeoutMs = 500;
/** Up to this number of users a reset keeps a copy of the rows: a few MiB. */
const maxCopiedUsers = 5_000;

/**
 * Starts the embedded Chime: a stateful server with Chime's operations, in Chime's own wire protocol. It ends the process
 * with exit code 1 when the data file can no longer be written, as on a full disk.
 * @throws Error of one line that names the setting: the port is in use, or the data file cannot be used
 */
export async function startChimeLocal(options: ChimeLocalOptions): Promise<ChimeLocal> {
  const { host = loopback, port, dataFile } = options;
  let { users } = options;
  const store = openStore(dataFile);
  const shutdown = new AbortController();
  // Each delayed request adds a listener: more than ten are not a leak.
  setMaxListeners(0, shutdown.signal);
  try {
    store.seedIfEmpty(() => seedStore(store, users));
    const faults = createFaults();
    const log = createCallLog();
    const control = createControl({
      store,
      faults,
      log,
      reset(newUsers) {
        users = newUsers ?? users;
        // Some of the seed's times are relative to now.
        const hour = Math.floor(Date.now() / 3_600_000);
        const isCopied = users <= maxCopiedUsers;
        store.reset(`${users} users in hour ${hour}`, () => seedStore(store, users), isCopied);
        return users;
      },
    });
    const perform = createOperations(store);
    const listener = createRequestListener({
      perform,
      control,
      faults,
      log,
      shutdown: shutdown.signal,
      logError: console.error,
    });
    const server = createServer(
      {
        // Longer than clients keep an idle connection: otherwise a request may meet one that is being closed.
        keepAliveTimeout: 75_000,
        requestTimeout: 30_000,
        // A request without Host gets the same response as one with a foreign Host.
        requireHostHeader: false,
      },
      listener,
    );
    await listen(server, host, port);
    const address = server.address() as AddressInfo;
    let closed: Promise<void> | undefined;
    return {
      url: `http://${host === "0.0.0.0" ? loopback : host}:${address.port}`,
      close() {
        shutdown.abort();
        closed ??= closeServer(server).then(store.close);
        return closed;
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(cannotListen(error as NodeJS.ErrnoException, host, "CHIME_LOCAL_PORT", port), {
      cause: error,
    });
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timeout = setTimeout(() => server.closeAllConnections(), shutdownTimeoutMs);
  await closed;
  clearTimeout(timeout);
}
