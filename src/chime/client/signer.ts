import { createHash, createHmac } from "node:crypto";
import { buildQueryString, escapeUriPath, HttpRequest } from "@smithy/core/protocols";
import type { AwsCredentialIdentity, RequestSigner } from "@smithy/types";

/**
 * Signs requests with AWS's Signature Version 4, as the SDK's own signer does. It keeps the signing key, which changes once
 * a day, and takes a third of the time: see docs/performance.md.
 *
 * @param credentials called for each request
 */
export function createSigner(credentials: () => Promise<AwsCredentialIdentity>): RequestSigner {
  let keyId: string | undefined;
  let key: Buffer = Buffer.alloc(0);

  function signingKey(secret: string, scope: string): Buffer {
    const id = `${secret} ${scope}`;
    if (id !== keyId) key = scope.split("/").reduce(hmac, Buffer.from(`AWS4${secret}`));
    keyId = id;
    return key;
  }

  return {
    // The SDK names neither for a custom endpoint. Chime is available in one region only.
    async sign(request, options = {}) {
      const { signingDate = new Date(), signingRegion = "us-east-1", signingService = "chime" } = options;
      const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
      const { method, path, query = {}, body } = request;
      const date = new Date(signingDate).toISOString().replace(/[-:]|\.\d+/g, "");
      const scope = `${date.slice(0, 8)}/${signingRegion}/${signingService}/aws4_request`;
      const bodyHash = sha256(body ?? "");
      const headers: Record<string, string> = {
        ...request.headers,
        "x-amz-date": date,
        "x-amz-content-sha256": bodyHash,
        ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
      };
      // Proxies may change the user agent.
      const names = Object.keys(headers)
        .filter((name) => name !== "user-agent")
        .sort();
      const signed = names.join(";");
      const lines = names.map((name) => `${name}:${headers[name]}`);
      const canonical = [
        method,
        escapeUriPath(path),
        buildQueryString(query),
        ...lines,
        "",
        signed,
        bodyHash,
      ];
      const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical.join("\n"))}`;
      const signature = hmac(signingKey(secretAccessKey, scope), text).toString("hex");
      headers["authorization"] =
        `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
      return new HttpRequest({ ...request, headers });
    },
  };
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
