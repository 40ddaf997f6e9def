import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { modeOf, type Settings } from "./config/settings.js";
import { readManifest } from "./graphql/persistedOperations.js";
import { cannotListen } from "./network.js";

/**
 * Problems that only this machine shows: ports in use, and a manifest that can't be read.
 *
 * @param settings some of them may be invalid
 */
export async function findStartProblems(settings: Settings): Promise<readonly string[]> {
  const { file } = settings.persistedOperations;
  return [...(file === undefined ? [] : manifestProblems(file)), ...(await portProblems(settings))];
}

function manifestProblems(file: string): readonly string[] {
  try {
    readManifest(file);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

interface Listener {
  readonly setting: string;
  readonly host: string;
  readonly port: number | undefined;
}

async function portProblems(settings: Settings): Promise<readonly string[]> {
  const { http, monitoring, chimeLocal } = settings;
  const listeners: Listener[] = [
    { setting: "PORT", host: http.host, port: http.port },
    { setting: "METRICS_PORT", host: http.host, port: monitoring.metricsPort },
  ];
  if (modeOf(settings) === "local")
    listeners.push({ setting: "CHIME_LOCAL_PORT", host: "127.0.0.1", port: chimeLocal.port });
  const probes: Server[] = [];
  const taken = new Map<number, string>();
  const problems: string[] = [];
  for (const { setting, host, port } of listeners) {
    // An invalid port is still the text that was given.
    if (typeof port !== "number") continue;
    // All probes stay open until the end, so that two settings with the same port are found.
    const probe = createServer().listen(port, host);
    probes.push(probe);
    try {
      await once(probe, "listening");
      taken.set(port, setting);
    } catch (error) {
      const other = taken.get(port);
      problems.push(
        other
          ? `${setting} ${port} is the port of ${other} as well: set another`
          : cannotListen(error as NodeJS.ErrnoException, host, setting, port),
      );
    }
  }
  await Promise.all(probes.filter(({ listening }) => listening).map(closeProbe));
  return problems;
}

async function closeProbe(probe: Server): Promise<void> {
  const closed = once(probe, "close");
  probe.close();
  await closed;
}
