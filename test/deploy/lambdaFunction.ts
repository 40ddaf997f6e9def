import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type RunningProcess, repository, spawnProcess } from "../support/processes.js";

export interface LambdaResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** A function as Lambda runs it: a process of its own that receives events. */
export interface LambdaFunction {
  invoke(event: object): Promise<LambdaResponse>;
  /** Sends the last event: the process ends as soon as the handler resolves, as if Lambda never thawed it. */
  invokeLast(event: object): Promise<void>;
  /** The lines that it has logged. */
  log(): readonly object[];
  stop(): void;
}

/** What Lambda does with the package: it loads the handler, then passes it events. */
const runtime = `
  const { handler } = await import(process.argv[1]);
  process.on("message", async ({ id, event, isLast }) => {
    const answer = await handler(event, {});
    if (isLast) process.kill(process.pid, "SIGKILL");
    process.send({ id, answer });
  });
  process.send("ready");
`;
const urlOf = (file: string) => pathToFileURL(join(repository, file)).href;
const handlers = { plain: urlOf("dist/lambda.js"), bundled: urlOf("dist-bundle/dist/lambda.js") };
type Handler = keyof typeof handlers;

const runFunction = (handler: Handler, env: Record<string, string>): RunningProcess =>
  spawnProcess(["node", "--input-type=module", "--eval", runtime, handlers[handler]], {
    cwd: "/",
    env: {
      AWS_REGION: "eu-central-1",
      AWS_LAMBDA_FUNCTION_NAME: "chime-graphql",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      ...env,
    },
    hasChannel: true,
  });

export async function startFunction(handler: Handler, env: Record<string, string>): Promise<LambdaFunction> {
  const running = runFunction(handler, env);
  const child = running.child.setMaxListeners(0);
  await once(child, "message");
  let invocations = 0;
  return {
    invoke(event) {
      const id = invocations++;
      return new Promise((resolve) => {
        child.on("message", function listen(message: { id: number; answer: LambdaResponse }) {
          if (message.id !== id) return;
          child.off("message", listen);
          resolve(message.answer);
        });
        child.send({ id, event });
      });
    },
    async invokeLast(event) {
      child.send({ id: invocations++, event, isLast: true });
      await running.end;
    },
    log: () =>
      `${running.stdout}\n${running.stderr}`
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line)),
    stop: () => void running.stop("SIGKILL"),
  };
}

/** Runs a function that must not start. @returns its standard error */
export async function failedStart(env: Record<string, string>, handler: Handler = "plain"): Promise<string> {
  const running = runFunction(handler, env);
  const code = await running.end;
  if (code !== 1) throw new Error(`The function ended with ${code}.`);
  return running.stderr;
}
