import { existsSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyRequest, FastifyServerOptions } from "fastify";
import type { LogLevel } from "./requestLog.js";

type LoggerSettings = Exclude<FastifyServerOptions["logger"], boolean | undefined>;

/**
 * Fastify logs on its own, and the message of an error may quote a URL or a request's body: so an error is logged by its
 * code, and a request by its id.
 */
export const loggerSettings = async (level: LogLevel): Promise<LoggerSettings> => ({
  level,
  base: null,
  stream: await logDestination(),
  serializers: {
    err: (error: Error) => ({ type: error.name, message: codeOf(error), stack: framesOf(error).join("\n") }),
    req: ({ id, method }: FastifyRequest) => ({ id, method }),
  },
  hooks: {
    logMethod([record, message, ...rest], method) {
      const error: unknown =
        record instanceof Error ? record : (record as { err?: unknown } | undefined)?.err;
      const isQuoted = error instanceof Error && (message === undefined || message === error.message);
      method.apply(this, [record, isQuoted ? codeOf(error) : message, ...rest]);
    },
  },
});

/** Logs when the gateway starts and stops. Not in a terminal: there the program prints it as text. */
export const createLifecycleLog =
  (log: FastifyBaseLogger) =>
  (facts: object, event: "started" | "stopping" | "stopped"): void => {
    if (!process.stdout.isTTY) log.info(facts, event);
  };

/** The type of an error and where it arose. Its message may quote what a caller sent. */
export function withoutMessage(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  return { type: error.name, stack: framesOf(error) };
}

/** A stack without its head, which is the message. */
const framesOf = ({ stack = "" }: Error): string[] =>
  stack.split("\n").filter((line) => /^\s+at /.test(line));

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : error.name);

/** JSON lines, or text in a terminal. */
async function logDestination(): Promise<typeof logOutput> {
  const { stdout } = process;
  if (!stdout.isTTY) return logOutput;
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    destination: stdout,
    singleLine: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
  });
}

/** Milliseconds in which lines are gathered: one write each would take longer than making them. */
const flushInterval = 20;
/** Bytes that wait for the reader of the log. Beyond that, lines are dropped rather than memory or requests. */
const maxBacklog = 8 * 1024 * 1024;
/** Milliseconds that the reader may take at the end. */
const drainTimeout = 2_000;

let lines: string[] = [];
let failure: string | undefined;
let dropped = 0;
let reported = 0;
let report: (dropped: number) => void = () => undefined;

/** Lines that were not written, because the reader was too slow, has closed the pipe, or the disk was full. */
export const droppedLines = (): number => dropped;

/** @param listener called with the number of dropped lines when the output works again */
export function onLinesDropped(listener: typeof report): void {
  report = listener;
}

/**
 * Standard output. Not `pino.destination`: at exit, sonic-boom 4.2 loops forever if the pipe is closed or the disk is full.
 * A failure does not end the process, as serving matters more than its log: it is reported once on standard error, writing
 * is retried with each batch, and lost lines are counted.
 */
const logOutput = {
  write(line: string): void {
    if (lines.length === 0) setTimeout(writeBatch, flushInterval);
    lines.push(line);
  },
};

/** Writes all lines logged so far. It waits for the reader, but not for one that has stalled. */
export async function flushLog(): Promise<void> {
  writeBatch();
  const written = new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  await Promise.race([written, sleep(drainTimeout, undefined, { ref: false })]);
}

function writeBatch(): void {
  const count = lines.length;
  // A full disk cuts a line. Bytes, since a string takes five times its length while it waits in the stream.
  const batch = Buffer.from((failure ? "\n" : "") + lines.join(""));
  lines = [];
  if (count === 0) return;
  if (process.stdout.writableLength >= maxBacklog) dropped += count;
  else process.stdout.write(batch, (error) => onWritten(count, error));
}

function onWritten(count: number, error?: NodeJS.ErrnoException | null): void {
  if (error) dropped += count;
  // A closed pipe has no reader to inform.
  if (error && error.code !== "EPIPE" && failure !== error.code)
    console.error(
      `WARNING: the log cannot be written to standard output${pathOf("/proc/self/fd/1")} (${error.message}): lines are dropped, and counted in chime_gateway_log_lines_dropped_total`,
    );
  failure = error?.code;
  if (error || dropped === reported || process.stdout.writableLength > 0) return;
  report(dropped - reported);
  reported = dropped;
}

const pathOf = (link: string): string => (existsSync(link) ? `, ${readlinkSync(link)}` : "");

// Each write has its own callback.
process.stdout.on("error", () => undefined);
// The last lines before an uncaught exception show its cause.
process.once("exit", writeBatch);
