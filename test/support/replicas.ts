import { expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type Answer, ask } from "./graphqlClient.js";
import type { Program, Start } from "./programs.js";

const { teamAccountId: accountId, userId } = SEED;
export const userQuery = `query ($accountId: ID!, $userId: ID!) {
  user(accountId: $accountId, userId: $userId) { licenseType displayName account { name } }
}`;
const updateUser = `mutation ($input: UpdateUserInput!) {
  updateUser(input: $input) { user { licenseType } errors { code } }
}`;

/** A Chime and two gateways that share a Redis, each in its own process. */
export interface Replicas {
  readonly gateways: readonly Program[];
  /** The license of the user, as one of the gateways returns it. */
  license(replica: number): Promise<string>;
  setLicense(replica: number, licenseType: string): Promise<void>;
  ask(replica: number, body: object): Promise<Answer>;
  /** Counts Chime's calls during some work. */
  callsFor(work: () => Promise<unknown>): Promise<number>;
}

export async function startReplicas(start: Start, redisUrl: string): Promise<Replicas> {
  const chime = await start("chime", { CHIME_LOCAL_DATA: ":memory:" });
  const [chimeUrl = ""] = chime.urls;
  const gateways = await Promise.all(
    [0, 1].map(() =>
      start("gateway", {
        CHIME_MODE: "remote",
        CHIME_ENDPOINT: chimeUrl,
        AUTH: "none",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        LOG_LEVEL: "debug",
        REDIS_URL: redisUrl,
        CACHE_TTL_SECONDS: "600",
      }),
    ),
  );
  const askReplica = (replica: number, body: object) => ask(String(gateways[replica]?.urls[0]), body);
  const countCalls = async () => {
    const response = await fetch(`${chimeUrl}/_local/requests`);
    const { requests } = (await response.json()) as { readonly requests: readonly unknown[] };
    return requests.length;
  };
  return {
    gateways,
    ask: askReplica,
    async license(replica) {
      const { data } = await askReplica(replica, { query: userQuery, variables: { accountId, userId } });
      return data.user.licenseType;
    },
    async setLicense(replica, licenseType) {
      const { data } = await askReplica(replica, {
        query: updateUser,
        variables: { input: { accountId, userId, licenseType } },
      });
      expect(data.updateUser).toEqual({ user: { licenseType }, errors: [] });
    },
    async callsFor(work) {
      const before = await countCalls();
      await work();
      return (await countCalls()) - before;
    },
  };
}
