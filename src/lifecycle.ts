import { setTimeout as sleep } from "node:timers/promises";

/** Something that runs until it is closed. */
export interface Running {
  close(): unknown;
}

/** Keeps what is running, to close it in the end, the last first. */
export type Keep = <Thing extends Running>(thing: Thing) => Thing;

/**
 * Runs a program that starts things and serves until Ctrl-C or SIGTERM; then closes what it has started. If the start
 * fails, the error's message is printed, what had started is closed, and the exit code is 1. A second signal ends the
 * process at once.
 */
export async function runUntilStopped(start: (keep: Keep) => Promise<void>): Promise<void> {
  silenceSdk();
  const running: Running[] = [];
  let stopping = false;

  async function stop() {
    if (stopping) process.exit(1);
    stopping = true;
    for (const thing of running.toReversed()) await thing.close();
    await written();
    process.exit();
  }

  // That nobody reads what is printed any more ends nothing.
  process.stdout.on("error", () => undefined);
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    await start((thing) => {
      running.push(thing);
      return thing;
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    await stop();
  }
}

/** Milliseconds that whoever reads what is printed may take to read the end of it. */
const readingPatience = 2_000;

/** All that was printed so far has been read, or is not going to be. */
const written = (): Promise<void> =>
  Promise.race([
    new Promise<void>((resolve) => process.stdout.write("", () => resolve())),
    sleep(readingPatience),
  ]);

/** The SDK is pinned: that later versions of it will want a later Node is no news to whoever runs this one. */
export function silenceSdk(): void {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}
