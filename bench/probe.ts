/** Preloaded into each program that is measured: tells the parent process, when asked, what it has used so far. */
import type { Usage } from "./programs.js";

process.on("message", (question: "usage" | "usage without garbage") => {
  if (question === "usage without garbage") globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const usage: Usage = { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() / 2 ** 20 };
  process.send?.(usage);
});
// To be asked is no reason to stay alive.
process.channel?.unref();
