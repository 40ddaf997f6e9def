import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { type Answer, ask } from "../support/graphqlClient.js";
import { startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { type Stub, startStub } from "../support/stub.js";

export const mebibyte = 1024 * 1024;

/** A Chime whose list of accounts has this many bytes, announced by their length or streamed, except `small`. */
export async function startOversizeChime(
  size: number,
): Promise<Stub & { readonly taken: readonly number[] }> {
  const taken: number[] = [];
  const stub = await startStub(async (request, response) => {
    const name = new URL(request.url ?? "", "http://chime").searchParams.get("name");
    response.setHeader("content-type", "application/json");
    if (name === "small") {
      response.end(JSON.stringify({ Accounts: [] }));
      return;
    }
    if (name === "announced") response.setHeader("content-length", size);
    taken.push(await pour(response, size));
  });
  return { ...stub, taken };
}

export const accountsNamed = (url: string, namePrefix: string): Promise<Answer> =>
  ask(url, {
    query: "query ($namePrefix: String) { accounts(namePrefix: $namePrefix) { nodes { accountId } } }",
    variables: { namePrefix },
  });

export async function oversizeResponses(): Promise<Row[]> {
  const chime = await startOversizeChime(300 * mebibyte);
  const gateway = await startGatewayOn(chime.url);
  try {
    for (let round = 0; round < 50; round++) await accountsNamed(gateway.url, "small");
    const growth = await watchMemory(gateway.pid);
    const codes: (string | undefined)[] = [];
    for (const name of ["announced", "streamed", "announced", "streamed"])
      codes.push((await accountsNamed(gateway.url, name)).errors?.[0]?.extensions.code);
    const grown = await growth();
    const most = Math.max(...chime.taken) / mebibyte;
    const isAlive = (await accountsNamed(gateway.url, "small")).data?.accounts?.nodes.length === 0;
    return [
      {
        promise: "A response of 300 MiB is cut at 10 MiB, and memory grows by less than 60 MiB",
        figure: `grew by ${grown.toFixed(0)} MiB; ${most.toFixed(0)} MiB left Chime, buffers of the sockets included; ${[...new Set(codes)].join(", ")}`,
        ok: isAlive && grown < 60 && most < 24 && codes.every((code) => code?.startsWith("UPSTREAM_")),
      },
    ];
  } finally {
    await gateway.stop();
    await chime.close();
  }
}

/** Sends a list of this many bytes. @returns how many of them the connection took */
async function pour(response: ServerResponse, size: number): Promise<number> {
  const start = `{"Accounts":[{"AccountId":"a","AwsAccountId":"1","Name":"`;
  const end = `"}]}`;
  const part = Buffer.alloc(64 * 1024, "x");
  let left = size - start.length - end.length;
  let closed = false;
  const close = once(response, "close").then(() => {
    closed = true;
  });
  response.write(start);
  while (left > 0 && !closed) {
    const piece = part.subarray(0, Math.min(left, part.length));
    left -= piece.length;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), close]);
  }
  response.end(end);
  return size - left;
}

/** Measures how far a process's memory rises from now on: MiB at its peak, exactly, as Linux keeps it. */
async function watchMemory(pid: number): Promise<() => Promise<number>> {
  // Sets the peak back to what the process has now.
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  const before = await memoryOf(pid, "VmRSS");
  return async () => (await memoryOf(pid, "VmHWM")) - before;
}

async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}
