/** Preloaded into each process that is measured: reports what the process has used so far. */

/** What a process has used so far, all threads included. */
export interface Usage {
  /** Milliseconds of CPU time. */
  readonly cpu: number;
  /** MiB of resident memory. */
  readonly memory: number;
  /** MiB of the heap in use. */
  readonly heap: number;
}

export type UsageQuestion = "usage" | "usage without garbage";

process.on("message", (question: UsageQuestion) => {
  if (question === "usage without garbage") globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const usage: Usage = { cpu: (user + system) / 1000, memory: rss / 2 ** 20, heap: heapUsed / 2 ** 20 };
  process.send?.(usage);
});
// The channel must not keep the process alive.
process.channel?.unref();
