import { HttpLink } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import {
  type GeneratePersistedQueryIdsFromManifestOptions,
  generatePersistedQueryIdsFromManifest,
} from "@apollo/persisted-query-lists";

/** Sends the hash of a query, and its text only if the gateway does not have it yet. */
export const createHashLink = (uri: string) =>
  new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri }));

/** Sends ids from a manifest, never the text of a query. */
export const createManifestLink = (uri: string, options: GeneratePersistedQueryIdsFromManifestOptions) =>
  new PersistedQueryLink(generatePersistedQueryIdsFromManifest(options)).concat(new HttpLink({ uri }));

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
