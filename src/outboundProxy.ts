import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** A proxy cannot reach this machine's own services. */
const loopback = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Connects by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, to loopback always directly. Through a proxy a request only starts
 * when its tunnel is open, so that one whose tunnel fails was certainly not sent.
 *
 * @param connectTimeout milliseconds to connect to a host, or to a proxy, and for the proxy to open a tunnel
 * @throws an Error of one line if a proxy's URL is invalid
 */
export function createOutboundAgent(connectTimeout: number, options: Agent.Options = {}): Dispatcher {
  const isProxied = ["HTTPS_PROXY", "HTTP_PROXY"].some(
    (name) => process.env[name] || process.env[name.toLowerCase()],
  );
  // The other agent looks each URL up.
  if (!isProxied) return new Agent({ ...options, connect: { timeout: connectTimeout } });
  const direct = (process.env["no_proxy"] ?? process.env["NO_PROXY"] ?? "").trim();
  try {
    return new EnvHttpProxyAgent({
      ...options,
      noProxy: direct === "*" ? direct : [direct, ...loopback].join(),
      connect: { timeout: connectTimeout },
      proxyTls: { timeout: connectTimeout },
      clientFactory: (proxy, connector) => new Pool(proxy, { ...connector, headersTimeout: connectTimeout }),
    });
  } catch {
    // Its value may contain a password.
    throw new Error("HTTPS_PROXY and HTTP_PROXY must be URLs such as http://proxy.example.com:3128");
  }
}
