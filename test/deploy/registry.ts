import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Registry {
  readonly url: string;
  close(): void;
}

/** A registry with one package, as `npm publish` would upload it. It redirects requests for others to another registry. */
export async function startRegistry(
  manifest: { readonly name: string; readonly version: string },
  tarball: string,
  elsewhere: string,
): Promise<Registry> {
  const { name, version } = manifest;
  const bytes = readFileSync(tarball);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const server = createServer(({ url = "" }, response) => {
    if (url === `/${name}.tgz`) return response.end(bytes);
    if (url !== `/${name}`)
      return response.writeHead(302, { location: elsewhere.replace(/\/$/, "") + url }).end();
    const dist = { tarball: `${registry.url}/${name}.tgz`, integrity };
    const versions = { [version]: { ...manifest, dist } };
    return response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const registry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return registry;
}
