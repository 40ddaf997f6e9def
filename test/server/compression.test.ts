import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { largeQuery } from "../support/large.js";

const harness = useHarness();

const usersQuery = (first: number) =>
  `{ account(accountId: "${SEED.largeAccountId}") { users(first: ${first}) { nodes { userId displayName primaryEmail } } } }`;

/** Sends a query. fetch would decompress the response. */
function ask(query: string, encodings?: string) {
  const body = JSON.stringify({ query });
  const headers = { "content-type": "application/json", ...(encodings && { "accept-encoding": encodings }) };
  return new Promise<{
    encoding: string | undefined;
    length: number | undefined;
    vary: string;
    bytes: Buffer;
  }>((resolve, reject) => {
    const sent = request(`${harness.url}/graphql`, { method: "POST", headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const length = response.headers["content-length"];
        resolve({
          encoding: response.headers["content-encoding"],
          length: length === undefined ? undefined : Number(length),
          vary: String(response.headers.vary),
          bytes: Buffer.concat(parts),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("a response", () => {
  test.each([
    ["br", brotliDecompressSync, "gzip, deflate, br, zstd"],
    ["gzip", gunzipSync, "gzip, deflate"],
  ])("is compressed with %s if the client accepts it", async (encoding, decompress, accepted) => {
    const plain = await ask(usersQuery(150));
    const compressed = await ask(usersQuery(150), accepted);

    expect([plain.encoding, compressed.encoding]).toEqual([undefined, encoding]);
    expect(compressed.vary).toMatch(/Origin.*accept-encoding/);
    expect(compressed.bytes.length).toBe(compressed.length);
    expect(compressed.bytes.length).toBeLessThan(plain.bytes.length / 3);
    expect(decompress(compressed.bytes).toString()).toBe(plain.bytes.toString());
  });

  test.each([undefined, "identity", "deflate", "br;q=0, gzip;q=0"])(
    "is not compressed if the client accepts %j",
    async (encodings) => {
      const { encoding, length, bytes } = await ask(usersQuery(150), encodings);
      expect([encoding, length]).toEqual([undefined, bytes.length]);
    },
  );

  test("below 1 KiB is not compressed, beyond it is", async () => {
    const lengths = await Promise.all(
      [1, 5, 20].map(async (first) => (await ask(usersQuery(first))).bytes.length),
    );
    expect(lengths.map((length) => length >= 1_024)).toEqual([false, false, true]);
    const answers = await Promise.all([1, 5, 20].map((first) => ask(usersQuery(first), "br, gzip")));
    expect(answers.map(({ encoding }) => encoding)).toEqual([undefined, undefined, "br"]);
  });

  test("of the largest size arrives completely", async () => {
    const { encoding, bytes } = await ask(largeQuery, "gzip");
    expect(encoding).toBe("gzip");
    expect(JSON.parse(gunzipSync(bytes).toString()).data.account.users.nodes).toHaveLength(450);
  });

  test("to HEAD has the length of the response to GET, and no body", async () => {
    const headers = { "accept-encoding": "identity" };
    for (const path of ["/graphiql", "/health/live"]) {
      const get = await fetch(harness.url + path, { headers });
      const head = await fetch(harness.url + path, { method: "HEAD", headers });
      expect([head.status, head.body]).toEqual([200, null]);
      expect(head.headers.get("content-length")).toBe(String((await get.arrayBuffer()).byteLength));
    }
  });
});
