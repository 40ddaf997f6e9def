import { expect } from "vitest";
import type { Program } from "./programs.js";

/** The lines of a program's log, without their times. */
export function allLines({ stdout }: Program): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ time: _, ...line }) => line);
}

/** Without those of start and shutdown. */
export const lines = (program: Program) =>
  allLines(program).filter(({ msg }) => !["started", "stopping", "stopped"].includes(String(msg)));

/** Waits until the log has this many lines: a response is sent before its line. */
export async function untilLines(program: Program, count: number) {
  await expect.poll(() => lines(program).length).toBe(count);
  return lines(program);
}

/** Adds a fault rule to the embedded Chime of a gateway that was started with one. */
export async function fault(program: Program, rule: object) {
  await fetch(`${program.urls[1]}/_local/faults`, { method: "POST", body: JSON.stringify(rule) });
}
