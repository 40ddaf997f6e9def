import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { ChimeLocalSettings } from "./config/chimeLocal.js";
import { modeOf, type Settings } from "./config/settings.js";
import { cannotListen } from "./network.js";
import { findFileProblem } from "./telemetry/auditOutput.js";

/**
 * Problems that only this machine shows: a bad manifest or data file, and ports in use.
 *
 * @param settings some of them may be invalid
 */
export async function findStartProblems(settings: Settings): Promise<readonly string[]> {
  const { http, monitoring, chimeLocal } = settings;
  const isLocal = modeOf(settings) === "local";
  return [
    ...(await manifestProblems(settings)),
    ...(await auditLogProblems(settings)),
    ...(isLocal ? await dataFileProblems(chimeLocal) : []),
    ...(await portProblems([
      { setting: "PORT", host: http.host, port: http.port },
      { setting: "METRICS_PORT", host: http.host, port: monitoring.metricsPort },
      ...(isLocal ? [chimeLocalListener(chimeLocal)] : []),
    ])),
  ];
}

/** Problems of the embedded Chime without a gateway. */
export const findChimeLocalProblems = async ({
  chimeLocal,
}: Pick<Settings, "chimeLocal">): Promise<readonly string[]> => [
  ...(await dataFileProblems(chimeLocal)),
  ...(await portProblems([chimeLocalListener(chimeLocal)])),
];

/** Problems of a function on AWS Lambda, which listens on no port. */
export const findLambdaProblems = async (settings: Settings): Promise<readonly string[]> => [
  ...(settings.chime.mode === "local"
    ? ["CHIME_MODE must be remote: on AWS Lambda nothing keeps the state of the embedded Chime"]
    : []),
  ...(await manifestProblems(settings)),
  ...(await auditLogProblems(settings)),
];

/** The schema is loaded only if there is a manifest to check. */
async function manifestProblems({
  persistedOperations,
  schema,
  limits,
}: Settings): Promise<readonly string[]> {
  const { file, mode } = persistedOperations;
  if (file === undefined) return [];
  const { findManifestProblems } = await import("./graphql/persistedOperations.js");
  const { createSchema } = await import("./graphql/schema.js");
  const { fixedLimits } = await import("./graphql/limits/limits.js");
  return findManifestProblems({ file, only: mode === "only" }, createSchema(schema.prefix), {
    ...fixedLimits,
    ...limits,
  });
}

/** Opens the audit log's file, which creates it. */
async function auditLogProblems({ logging: { audit } }: Settings): Promise<readonly string[]> {
  const code = audit === undefined || audit === "stdout" ? undefined : await findFileProblem(audit);
  return code ? [`AUDIT_LOG ${audit} cannot be opened for appending (${code})`] : [];
}

/** Opens the data file, which creates it and its folder. */
async function dataFileProblems({ dataFile }: ChimeLocalSettings): Promise<readonly string[]> {
  const { openDatabase } = await import("./chime-local/store/database.js");
  try {
    openDatabase(dataFile).close();
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

const chimeLocalListener = ({ port }: ChimeLocalSettings): Listener => ({
  setting: "CHIME_LOCAL_PORT",
  host: "127.0.0.1",
  port,
});

async function portProblems(listeners: readonly Listener[]): Promise<readonly string[]> {
  const probes: Server[] = [];
  const settingOf = new Map<number, string>();
  const problems: string[] = [];
  for (const { setting, host, port } of listeners) {
    // The value of an invalid setting is still a string.
    if (typeof port !== "number") continue;
    // All probes stay open until the end, so that two settings with the same port are found.
    const probe = createServer().listen(port, host);
    probes.push(probe);
    try {
      await once(probe, "listening");
      settingOf.set(port, setting);
    } catch (error) {
      const other = settingOf.get(port);
      problems.push(
        other
          ? `${setting} ${port} is the port of ${other} as well: set another port`
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
