import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTVerifyGetKey,
  type RemoteJWKSetOptions,
} from "jose";
import { type Dispatcher, fetch } from "undici";
import { z } from "zod";
import { isSecure } from "../network.js";
import { createOutboundAgent } from "../outboundProxy.js";

/** A token's signature cannot be verified: no keys were loaded, or they are too old. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

export interface SigningKeys {
  /** @throws KeysUnavailableError, or jose's error for a token that matches no key */
  readonly find: JWTVerifyGetKey;
  /** Whether there are keys to verify with. Loads them if there are none. */
  isAvailable(): Promise<boolean>;
  close(): void;
}

const second = 1_000;
const minute = 60 * second;

/** With the cooldown and the timeout, a key that the issuer has withdrawn is trusted for ten minutes at most. */
const reloadAfter = 9.5 * minute;
/** While the issuer is down, the last keys are used for a day. */
const maxAge = 24 * 60 * minute;
/** Between two loads, whatever their result: tokens with made-up key ids must not cause more. */
const cooldown = 10 * second;
const timeout = 3 * second;
const maxBytes = 1024 * 1024;
/** jose's own ages are by the wall clock, which may be set back: here they never end, and ours are monotonic. */
const options: RemoteJWKSetOptions = {
  cacheMaxAge: Number.POSITIVE_INFINITY,
  cooldownDuration: Number.POSITIVE_INFINITY,
  timeoutDuration: timeout,
};

/**
 * The issuer's signing keys: loaded by the first request, then reloaded in the background.
 *
 * @param jwksUrl by default the `jwks_uri` of the issuer's OpenID Connect discovery document
 * @param onError called with the reason for which the keys could not be loaded
 */
export function createSigningKeys(
  issuer: string,
  jwksUrl: string | undefined,
  onError: (error: unknown) => void,
): SigningKeys {
  let keys: JWTVerifyGetKey | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;
  const agent = createOutboundAgent(timeout);
  const fetchKeys: Fetch = (url, init) => fetchCapped(agent, url, init);

  const isOlderThan = (age: number) => performance.now() - loadedAt > age;

  async function load(): Promise<void> {
    attemptedAt = performance.now();
    try {
      // A new set each time: the issuer may have moved its keys, and an empty set must not replace the last one.
      const url = new URL(jwksUrl ?? (await discoverJwksUrl(issuer, fetchKeys)));
      const set = createRemoteJWKSet(url, { ...options, [customFetch]: fetchKeys });
      await set.reload();
      if (!set.jwks()?.keys.length) throw new Error("The issuer publishes no keys.");
      keys = set;
      loadedAt = performance.now();
    } catch (error) {
      onError(error);
    }
  }

  async function reload(): Promise<void> {
    if (!loading && performance.now() - attemptedAt < cooldown) return;
    loading ??= load().finally(() => {
      loading = undefined;
    });
    await loading;
  }

  async function currentKeys(): Promise<JWTVerifyGetKey | undefined> {
    if (isOlderThan(maxAge)) await reload();
    return isOlderThan(maxAge) ? undefined : keys;
  }

  const reloading = setInterval(() => {
    if (keys && isOlderThan(reloadAfter)) void reload();
  }, cooldown).unref();

  return {
    async find(header, token) {
      const current = await currentKeys();
      if (!current) throw new KeysUnavailableError("The issuer's signing keys are unavailable.");
      try {
        return await current(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // The issuer may have started to sign with a new key.
        await reload();
        if (!keys || keys === current) throw error;
        return keys(header, token);
      }
    },
    isAvailable: async () => (await currentKeys()) !== undefined,
    close() {
      clearInterval(reloading);
      void agent.destroy();
    },
  };
}

type Fetch = (url: string, init: Pick<RequestInit, "headers" | "signal" | "redirect">) => Promise<Response>;

async function discoverJwksUrl(issuer: string, fetchKeys: Fetch): Promise<string> {
  const document = z.object({ issuer: z.literal(issuer), jwks_uri: z.string().refine(isSecure) });
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetchKeys(url, { redirect: "manual", signal: AbortSignal.timeout(timeout) });
  if (response.status !== 200)
    throw new Error(`OpenID Connect discovery responded with status ${response.status}`);
  return document.parse(await response.json()).jwks_uri;
}

/** Reads at most 1 MiB of a response, counted after decompression. */
async function fetchCapped(
  agent: Dispatcher,
  ...[url, { headers, signal, redirect }]: Parameters<Fetch>
): Promise<Response> {
  const init = { headers: [...new Headers(headers)], signal: signal ?? null, redirect: redirect ?? "follow" };
  const response = await fetch(url, { ...init, dispatcher: agent });
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the response.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`The response has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status });
}
