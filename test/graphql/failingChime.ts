import { startChimeLocal } from "../../src/chime-local/server.js";

/** A world whose calls to Chime time out soon. */
export const shortTimeouts = [
  { CHIME_LOCAL_USERS: "0", READ_DEADLINE_MS: "400" },
  { callTimeout: 150 },
] as const;

/** Chime's ids of the requests for an operation, from its log. */
export async function requestIds(chimeUrl: string, operation: string): Promise<string[]> {
  const response = await fetch(`${chimeUrl}/_local/requests`);
  const log = (await response.json()) as { requests: { operation: string; requestId: string }[] };
  return log.requests.filter((request) => request.operation === operation).map(({ requestId }) => requestId);
}

/** An address at which nothing listens. */
export async function unusedAddress(): Promise<string> {
  const chime = await startChimeLocal({ port: 0, dataFile: ":memory:", users: 0 });
  await chime.close();
  return chime.url;
}
