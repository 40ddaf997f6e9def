import type { FastifyBaseLogger, FastifyRequest, FastifyServerOptions } from "fastify";
import type { DestinationStream } from "pino";
import type { LogLevel } from "./requestLog.js";

type LoggerSettings = Exclude<FastifyServerOptions["logger"], boolean | undefined>;

/**
 * How Fastify makes the logger. It has things to say of its own, and an error's message may quote a URL, or what was sent:
 * an error is told by its code, and a request by its id.
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

/** Logs when the gateway starts and stops, for who looks at the log alone: in a terminal the program says it in words. */
export const createLifeLog =
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

/** Milliseconds in which lines are gathered: to write each by itself would take longer than to make it. */
const gatheringTime = 20;
/** Bytes that wait for a reader of the log. While there are more, lines are lost: better than memory, or requests. */
const longestBacklog = 8 * 1024 * 1024;

/** Standard output. Its last lines are not lost where the process comes to its end by an error that nobody has caught. */
const gathered = {
  lines: "",
  write(line: string): void {
    if (gathered.lines === "") setTimeout(gathered.flush, gatheringTime);
    gathered.lines += line;
  },
  flush(): void {
    if (process.stdout.writableLength < longestBacklog) process.stdout.write(gathered.lines);
    gathered.lines = "";
  },
};
process.once("exit", gathered.flush);

/** Hands on the lines that were logged so far. */
export const flushLog = gathered.flush;

/**
 * Where the log goes: to standard output, as JSON, or in a terminal as lines to read. By Node's own stream: pino's sleeps
 * until a slow reader has caught up, and keeps a process whose reader is gone from its end.
 */
async function logDestination(): Promise<DestinationStream> {
  const { stdout } = process;
  if (!stdout.isTTY) return gathered;
  // Where nobody reads along it is not even loaded.
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    destination: stdout,
    singleLine: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
  });
}
