import { type ClientRequestArgs, Agent as HttpAgent, request as httpRequest } from "node:http";
import {
  Agent as HttpsAgent,
  type AgentOptions as HttpsAgentOptions,
  request as httpsRequest,
} from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** A proxy cannot reach this machine's own services. */
const loopback = ["localhost", "127.0.0.1", "[::1]"];

const variable = (name: string): string | undefined => process.env[name.toLowerCase()] ?? process.env[name];

export const hasProxy = (): boolean => Boolean(variable("HTTPS_PROXY") || variable("HTTP_PROXY"));

function directHosts(): string {
  const direct = (variable("NO_PROXY") ?? "").trim();
  return direct === "*" ? direct : [direct, ...loopback].join();
}

/**
 * Connects by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, to loopback always directly. Through a proxy a request only starts
 * when its tunnel is open, so that one whose tunnel fails was certainly not sent.
 *
 * @param connectTimeout milliseconds to connect to a host, or to a proxy, and for the proxy to open a tunnel
 * @throws an Error of one line if a proxy's URL is invalid
 */
export function createOutboundAgent(connectTimeout: number, options: Agent.Options = {}): Dispatcher {
  // The other agent looks each URL up.
  if (!hasProxy()) return new Agent({ ...options, connect: { timeout: connectTimeout } });
  try {
    return new EnvHttpProxyAgent({
      ...options,
      noProxy: directHosts(),
      connect: { timeout: connectTimeout },
      proxyTls: { timeout: connectTimeout },
      clientFactory: (proxy, connector) => new Pool(proxy, { ...connector, headersTimeout: connectTimeout }),
    });
  } catch {
    // Its value may contain a password.
    throw new Error("HTTPS_PROXY and HTTP_PROXY must be URLs such as http://proxy.example.com:3128");
  }
}

/** The proxy for a URL, by the rules of undici's agent, which does not report it. */
export function proxyOf({ protocol, hostname, port }: URL): URL | undefined {
  const proxy = (protocol === "https:" && variable("HTTPS_PROXY")) || variable("HTTP_PROXY");
  const direct = directHosts();
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  const isDirect = direct.split(/[,\s]/).some((entry) => {
    const [, host = entry, onlyPort = ownPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const name = host.replace(/^\*?\./, "").toLowerCase();
    return name !== "" && onlyPort === ownPort && (hostname === name || hostname.endsWith(`.${name}`));
  });
  return proxy && direct !== "*" && !isDirect ? new URL(proxy) : undefined;
}

/**
 * An agent for Node's own client that connects like the one above.
 *
 * @param protocol of the URLs, `http:` or `https:`
 * @param connectTimeout milliseconds to connect to a proxy, and for the proxy to open a tunnel
 */
export function createTunnelAgent(
  protocol: string,
  connectTimeout: number,
  options: HttpsAgentOptions = {},
): HttpAgent {
  const isSecure = protocol === "https:";
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ ...options, keepAlive: true });
  const connect: Connect = agent.createConnection.bind(agent);
  const connectByProxy: Connect = (target, callback) => {
    const name = target.host?.includes(":") ? `[${target.host}]` : target.host;
    const host = `${name}:${target.port}`;
    const proxy = proxyOf(new URL(`${protocol}//${host}`));
    if (!proxy) return connect(target, callback);
    openTunnel(proxy, host, connectTimeout).then(
      (socket) => callback?.(null, isSecure ? connect({ ...target, socket }) : socket),
      (error: Error) => callback?.(error),
    );
    return undefined;
  };
  return Object.assign(agent, { createConnection: connectByProxy });
}

/** As Node's documentation has it, the result or the callback has the connection. */
type Connect = (
  target: Readonly<ClientRequestArgs & { socket?: Socket }>,
  callback?: (error: Error | null, stream?: Duplex | null) => void,
) => Duplex | null | undefined;

function openTunnel(proxy: URL, path: string, timeout: number): Promise<Socket> {
  const { protocol, hostname, port, username, password } = proxy;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    host: path,
    ...(username && { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
  };
  const host = hostname.replace(/^\[|\]$/g, "");
  const request = protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const connect = request({ method: "CONNECT", host, port, path, headers, agent: false, timeout });
    connect.on("timeout", () => connect.destroy(new Error("The proxy has not opened a tunnel in time.")));
    connect.on("error", reject);
    connect.on("connect", ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`The proxy refused a tunnel with status ${statusCode}.`));
    });
    connect.end();
  });
}
