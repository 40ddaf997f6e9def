import { setTimeout as sleep } from "node:timers/promises";

/** Something that runs until it is closed. */
export interface Closeable {
  close(): unknown;
}

/** Registers a resource, to be closed at the end of the program: the last one first. */
export type Register = <Resource extends Closeable>(resource: Resource) => Resource;

/**
 * Runs a program that serves until Ctrl-C, SIGTERM or SIGHUP, and then closes its resources. If the start fails, the error's message
 * is printed, what had started is closed, and the exit code is 1. A second signal ends the process at once.
 */
export async function runUntilStopped(start: (register: Register) => Promise<void>): Promise<void> {
  silenceSdk();
  const resources: Closeable[] = [];
  let isStopping = false;

  async function stop(): Promise<void> {
    isStopping = true;
    await closeAll(resources, printFailure);
    await drainStdout();
    process.exit();
  }

  function onSignal(): void {
    if (isStopping) process.exit(1);
    void stop();
  }

  // Serving matters more than the log: the logger reports lines that it could not write.
  process.stdout.on("error", () => undefined);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // A terminal that is closed sends it, and some process managers do.
  process.on("SIGHUP", onSignal);
  try {
    await start((resource) => {
      resources.push(resource);
      return resource;
    });
  } catch (error) {
    printFailure(error);
    await stop();
  }
}

/** Closes resources, the last one first. One that fails does not leave the others open. */
export async function closeAll(
  resources: readonly Closeable[],
  onError: (error: unknown) => void,
): Promise<void> {
  for (const resource of resources.toReversed()) {
    try {
      await resource.close();
    } catch (error) {
      onError(error);
    }
  }
}

function printFailure(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Milliseconds that a slow reader of standard output has to read the rest. */
const drainTimeout = 2_000;

const drainStdout = (): Promise<void> =>
  Promise.race([
    new Promise<void>((resolve) => process.stdout.write("", () => resolve())),
    sleep(drainTimeout),
  ]);

/** The SDK is pinned: a warning about Node versions of its later releases concerns no user. */
export function silenceSdk(): void {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}

/** Prints where the program listens: a line of JSON, since standard output is a log, or a banner in a terminal. */
export function announce(facts: object, banner: readonly string[]): void {
  if (process.stdout.isTTY) console.log([...banner, "Ctrl-C stops."].join("\n"));
  else console.log(JSON.stringify({ level: 30, time: Date.now(), ...facts, msg: "started" }));
}
