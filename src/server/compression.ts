import { constants } from "node:zlib";
import compress from "@fastify/compress";
import type { FastifyInstance } from "fastify";

/** Bytes. Below, headers and packets cost as much as the body. */
const threshold = 1_024;
/** Bytes up to which a response is compressed at once and keeps its `content-length`; beyond, it is streamed. */
const syncThreshold = 65_536;

/** docs/performance.md has the costs of these settings. */
export async function addCompression(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ["br", "gzip"],
    threshold,
    syncThreshold,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
    zlibOptions: { level: 1 },
    // Compressed requests are rejected.
    globalDecompression: false,
  });
}
