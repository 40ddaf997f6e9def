import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, onTestFinished } from "vitest";
import { createUpstream } from "../../src/chime/upstream.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { readConfig } from "../../src/config.js";
import type { Limits } from "../../src/graphql/limits/limits.js";
import { type Gateway, startGateway } from "../../src/server/listen.js";
import { openStores } from "../../src/stores/stores.js";
import { createHarness, type Harness } from "./harness.js";
import { type Issuer, startIssuer } from "./issuer.js";
import { startStub } from "./stub.js";

export { type Answer, ask, type GraphqlError } from "./graphqlClient.js";
export type { Arrival, Harness } from "./harness.js";

/** Constants of the gateway that a test changes. */
export interface Constants {
  /** Milliseconds that one attempt of a call to Chime may take. */
  readonly callTimeout?: number;
  /** Maximum number of operation names in metrics. */
  readonly metricsOperations?: number;
  /** Milliseconds that the client of an export may pause. */
  readonly exportPauseLimit?: number;
}

/**
 * Starts a gateway on an embedded Chime before a file's tests and stops both after them. Each test finds the seeded state
 * and an empty request log.
 */
export function useHarness(env: Record<string, string> = {}, constants: Constants = {}): Harness {
  let started: Awaited<ReturnType<typeof startBoth>> | undefined;
  const urls = () => {
    if (!started) throw new Error("The gateway runs within tests only.");
    return started;
  };
  const harness = createHarness({
    get url() {
      return urls().url;
    },
    get chimeUrl() {
      return urls().chimeUrl;
    },
  });
  beforeAll(async () => {
    started = await startBoth(env, constants);
  });
  beforeEach(() => harness.reset());
  afterAll(async () => {
    harness.close();
    await started?.close();
  });
  return harness;
}

async function startBoth(env: Record<string, string>, { callTimeout, ...constants }: Constants) {
  const config = readConfig({
    PORT: "0",
    CHIME_LOCAL_PORT: "0",
    CHIME_LOCAL_DATA: ":memory:",
    LOG_LEVEL: "silent",
    ...env,
  });
  const chimeLocal = await startChimeLocal(config.chimeLocal);
  const target = { mode: "local", endpoint: chimeLocal.url } as const;
  const stores = await openStores(config.cache);
  const upstream = createUpstream({
    ...config.chime,
    ...(callTimeout !== undefined && { callTimeout }),
    target,
    cache: stores.cache,
  });
  const gateway = await startGateway(
    { ...config, ...constants, shared: stores.shared, trace: true, exampleAccountId: SEED.largeAccountId },
    upstream,
  );
  return {
    url: gateway.url,
    chimeUrl: chimeLocal.url,
    async close() {
      await gateway.close();
      upstream.close();
      stores.close();
      await chimeLocal.close();
    },
  };
}

/**
 * Starts a gateway on a Chime that is running.
 *
 * @param limits those that are not settings
 */
export async function startOn(
  endpoint: string,
  env: Record<string, string> = {},
  limits: Partial<Limits> = {},
  constants: Pick<Constants, "exportPauseLimit"> = {},
): Promise<Gateway> {
  const config = readConfig({ PORT: "0", LOG_LEVEL: "silent", ...env });
  const stores = await openStores(config.cache);
  const target = { mode: "local", endpoint } as const;
  const upstream = createUpstream({ ...config.chime, target, cache: stores.cache });
  const closeRest = () => {
    upstream.close();
    stores.close();
  };
  try {
    const gateway = await startGateway(
      {
        ...config,
        ...constants,
        limits: { ...config.limits, ...limits },
        shared: stores.shared,
        trace: false,
      },
      upstream,
    );
    return {
      url: gateway.url,
      metricsUrl: gateway.metricsUrl,
      async close() {
        await gateway.close();
        closeRest();
      },
    };
  } catch (error) {
    closeRest();
    throw error;
  }
}

/** Starts a gateway on a server in Chime's place for one test. @returns the gateway's URL */
export async function startOnStub(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  env: Record<string, string> = {},
  constants: Pick<Constants, "exportPauseLimit"> = {},
): Promise<string> {
  const stub = await startStub(answer);
  const gateway = await startOn(stub.url, env, {}, constants);
  onTestFinished(async () => {
    await gateway.close();
    await stub.close();
  });
  return gateway.url;
}

/** The same, of a server that answers with JSON: whatever this returns for a URL and a body. */
export const startOnResponses = (
  responseTo: (url: URL, body: string) => object | Promise<object>,
  env: Record<string, string> = {},
  constants: Pick<Constants, "exportPauseLimit"> = {},
): Promise<string> =>
  startOnStub(
    async (request, response) => {
      const body = await text(request);
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify(await responseTo(new URL(request.url ?? "", "http://chime"), body)));
    },
    env,
    constants,
  );

/** A gateway that requires tokens, and the issuer of its tokens. */
export interface ClosedGateway {
  readonly url: string;
  readonly issuer: Issuer;
  /** The headers of a caller with a token that has these claims. */
  headersFor(claims: Record<string, unknown>): Promise<Record<string, string>>;
}

/** Starts a gateway that requires tokens, on the harness's Chime, before a file's tests, and stops it after them. */
export function useClosedGateway(harness: Harness, env: Record<string, string> = {}): ClosedGateway {
  let started: { issuer: Issuer; gateway: Gateway } | undefined;
  const running = () => {
    if (!started) throw new Error("The gateway runs within tests only.");
    return started;
  };
  beforeAll(async () => {
    const issuer = await startIssuer();
    started = { issuer, gateway: await startOn(harness.chimeUrl, { ...issuer.env, ...env }) };
  });
  afterAll(async () => {
    await started?.gateway.close();
    await started?.issuer.close();
  });
  return {
    get url() {
      return running().gateway.url;
    },
    get issuer() {
      return running().issuer;
    },
    headersFor: async (claims) => ({ authorization: `Bearer ${await running().issuer.sign(claims)}` }),
  };
}
