import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { startGatewayOn, watchMemory } from "./processes.js";
import type { Row } from "./report.js";
import { type Answer, ask } from "./scene.js";
import { type Stub, startStub } from "./stub.js";

export const mebibyte = 1024 * 1024;

/** A Chime whose list of accounts is so many bytes long, announced by its length or not; `small` is not. */
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
  ask(url, "query ($namePrefix: String) { accounts(namePrefix: $namePrefix) { nodes { accountId } } }", {
    namePrefix,
  });

export async function oversizeAnswers(): Promise<Row[]> {
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
    const alive = (await accountsNamed(gateway.url, "small")).data?.accounts?.nodes.length === 0;
    return [
      {
        promise: "An answer of 300 MiB is cut at 10 MiB: memory grows by less than 60 MiB",
        figure: `grew by ${grown.toFixed(0)} MiB; ${most.toFixed(0)} MiB left Chime, buffers of the sockets included; ${[...new Set(codes)].join(", ")}`,
        ok: alive && grown < 60 && most < 24 && codes.every((code) => code?.startsWith("UPSTREAM_")),
      },
    ];
  } finally {
    await gateway.stop();
    await chime.close();
  }
}

/** Sends a list of one account with a name of so many bytes. @returns how many of them the connection took */
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
