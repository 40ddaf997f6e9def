import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { isSecure } from "../config/loopback.js";

/** A token's signature can't be checked: the issuer's keys are not known, or those that are known are too old. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

export interface SigningKeys {
  /** @throws KeysUnavailableError, or one of jose's errors for a token that no key fits */
  readonly find: JWTVerifyGetKey;
  /** Whether there are keys to check with; asks for them if there are none. */
  available(): Promise<boolean>;
}

const seconds = 1_000;
const hours = 3_600 * seconds;

/** Keys are asked for anew when they are older: a key that the issuer has withdrawn is trusted no longer than that. */
const freshFor = 600 * seconds;
/** While the issuer does not answer, the last keys it gave serve so long. */
const keptFor = 24 * hours;
/** Between two questions, whatever came of the first: tokens with made-up key ids are no way to make the gateway ask. */
const coolDown = 10 * seconds;
const timeout = 3 * seconds;
/** For so long an answer is waited for where the last keys could serve. */
const patience = 0.5 * seconds;

/**
 * The keys that an issuer signs with, fetched when they are needed. (jose has a remote set of its own, but that one forgets its keys
 * in an outage, and asks again for each unknown key id.)
 *
 * @param jwksUrl where they are; not given: where the issuer's own description says
 * @param failed is told why they could not be had
 */
export function createSigningKeys(
  issuer: string,
  jwksUrl: string | undefined,
  failed: (error: unknown) => void,
): SigningKeys {
  let known: JWTVerifyGetKey | undefined;
  let knownSince = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const isOlder = (age: number) => Date.now() - knownSince > age;

  async function ask(): Promise<void> {
    askedAt = Date.now();
    try {
      const set = (await fetchJson(jwksUrl ?? (await discover(issuer)))) as JSONWebKeySet;
      const keys = createLocalJWKSet(set);
      if (set.keys.length === 0) throw new Error("The issuer has published no key.");
      known = keys;
      knownSince = Date.now();
    } catch (error) {
      failed(error);
    }
  }

  /** One question at a time: who comes meanwhile waits for its answer. */
  async function refresh(): Promise<void> {
    if (!asking && Date.now() - askedAt < coolDown) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  }

  async function current(): Promise<JWTVerifyGetKey | undefined> {
    if (isOlder(freshFor)) {
      const fresh = refresh();
      // An issuer that hangs holds nobody up for long whose key is known.
      await (known && !isOlder(keptFor) ? Promise.race([fresh, sleep(patience)]) : fresh);
    }
    return isOlder(keptFor) ? undefined : known;
  }

  return {
    async find(header, token) {
      const keys = await current();
      if (!keys) throw new KeysUnavailableError("The issuer's keys are not known.");
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // The issuer may have begun to sign with another key.
        await refresh();
        if (!known || known === keys) throw error;
        return known(header, token);
      }
    },
    available: async () => (await current()) !== undefined,
  };
}

async function discover(issuer: string): Promise<string> {
  const description = z.object({ issuer: z.literal(issuer), jwks_uri: z.string().refine(isSecure) });
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  return description.parse(await fetchJson(url)).jwks_uri;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}
