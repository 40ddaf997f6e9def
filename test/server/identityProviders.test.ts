import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { type Issuer, inSeconds, startIssuer } from "../support/issuer.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer?.close());

const api = "https://chime.example.com";
const clientId = "1example23456789";
const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/** A token of a provider's documented form: with these claims only, besides the issuer. */
interface Form {
  readonly claims: Record<string, unknown>;
  readonly header?: { [name: string]: unknown };
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html */
const cognitoAccess: Form = {
  claims: {
    sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    device_key: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "cognito:groups": ["testgroup"],
    version: 2,
    client_id: clientId,
    origin_jti: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    event_id: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    token_use: "access",
    scope: "phone openid chime/chime:read other/chime:write email",
    auth_time: inSeconds(0),
    jti: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    username: "my-test-user",
    aud: undefined,
  },
  header: { typ: undefined },
};
const cognito = { AUTH_AUDIENCE: `other, ${clientId}`, AUTH_SCOPE_PREFIX: "chime/" };

/** https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles */
const auth0User: Form = {
  claims: {
    sub: "auth0|123456",
    aud: [api, "https://my-domain.auth0.com/userinfo"],
    azp: "my_client_id",
    scope: "openid profile chime:write",
    permissions: ["chime:read"],
  },
  header: { typ: "JWT" },
};
const auth0Machine: Form = {
  claims: {
    sub: "my_client_id@clients",
    aud: api,
    azp: "my_client_id",
    gty: "client-credentials",
    permissions: ["chime:read"],
  },
  header: { typ: "at+jwt" },
};
const auth0 = { AUTH_AUDIENCE: api, AUTH_SCOPE_CLAIM: "permissions" };

/** https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference */
const entraCommon = {
  aud: "00001111-aaaa-2222-bbbb-3333cccc4444",
  nbf: inSeconds(-5),
  aio: "AXQAi/8IAAAA",
  azp: "11112222-bbbb-3333-cccc-4444dddd5555",
  oid: "22223333-cccc-4444-dddd-5555eeee6666",
  rh: "0.AXQAi_8",
  tid: tenant,
  uti: "AAAAAAAAAA",
  ver: "2.0",
};
const entraDelegated: Form = {
  claims: {
    ...entraCommon,
    azpacr: "0",
    name: "Abe Lincoln",
    preferred_username: "abeli@example.com",
    scp: "chime:read profile",
    sub: "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
  },
  header: { typ: "JWT" },
};
const entraApplication: Form = {
  claims: { ...entraCommon, azpacr: "1", idtyp: "app", roles: ["chime:read"], sub: entraCommon.oid },
  header: { typ: "JWT" },
};
const entra = { AUTH_AUDIENCE: entraCommon.aud, AUTH_SCOPE_CLAIM: "scp,roles" };

/** https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/#access-token */
const oktaUser: Form = {
  claims: {
    ver: 1,
    jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
    aud: api,
    sub: "user@example.com",
    cid: "nmdP1fcyvdVO11AL7ECm",
    uid: "00ujmkLgagxeRrAg20g3",
    auth_time: inSeconds(0),
    scp: ["openid", "chime:read"],
  },
};
const okta = { AUTH_AUDIENCE: api };

const query = {
  query: `{ account(accountId: "${SEED.teamAccountId}") { accountId } globalSettings { id } }`,
};
const codesOf = ({ errors = [] }: Awaited<ReturnType<typeof ask>>) =>
  errors.map(({ extensions }) => extensions.code);

/** Asks a gateway with these settings, with a token of this form. */
async function askWith(env: Record<string, string>, { claims, header = {} }: Form) {
  const gateway = await startOn(harness.chimeUrl, { ...issuer.env, ...env });
  onTestFinished(() => gateway.close());
  const token = await issuer.sign(claims, header);
  return ask(gateway.url, query, { authorization: `Bearer ${token}` });
}

describe("a token has the scope chime:read, and no other, in the form of", () => {
  test.each<[string, Record<string, string>, Form]>([
    ["Amazon Cognito", cognito, cognitoAccess],
    ["Auth0, of a user", auth0, auth0User],
    ["Auth0, of a machine", auth0, auth0Machine],
    ["Auth0 without RBAC", { AUTH_AUDIENCE: api }, { claims: { ...auth0User.claims, scope: "chime:read" } }],
    ["Microsoft Entra ID, of a user", entra, entraDelegated],
    ["Microsoft Entra ID, of an application", entra, entraApplication],
    ["Okta", okta, oktaUser],
  ])("%s", async (_provider, env, form) => {
    expect(await askWith(env, form)).toEqual({
      data: { account: { accountId: SEED.teamAccountId }, globalSettings: null },
      errors: [
        expect.objectContaining({
          path: ["globalSettings"],
          extensions: { code: "FORBIDDEN", missingScopes: ["chime:global"] },
        }),
      ],
    });
  });
});

describe("a token is rejected", () => {
  test.each<[string, Record<string, string>, Form]>([
    ["of Cognito for another app client", { ...cognito, AUTH_AUDIENCE: "another" }, cognitoAccess],
    [
      "of Cognito that is an ID token, whose audience is the app client",
      cognito,
      { claims: { ...cognitoAccess.claims, token_use: "id", aud: clientId } },
    ],
    [
      "that has neither an audience nor Cognito's use of access tokens",
      cognito,
      { claims: { ...cognitoAccess.claims, token_use: undefined } },
    ],
    [
      "whose client matches, but whose audience does not",
      cognito,
      { claims: { ...cognitoAccess.claims, aud: "https://other.example.com" } },
    ],
    [
      "whose client matches, and whose audience is empty",
      cognito,
      { claims: { ...cognitoAccess.claims, aud: [] } },
    ],
    ["whose scopes are not words", auth0, { claims: { ...auth0User.claims, permissions: { read: true } } }],
  ])("%s", async (_what, env, form) => {
    expect(codesOf(await askWith(env, form))).toEqual(["UNAUTHENTICATED"]);
  });
});

describe("scopes do not count", () => {
  test.each<[string, Record<string, string>, Form]>([
    ["in claims that AUTH_SCOPE_CLAIM does not name", { ...okta, AUTH_SCOPE_CLAIM: "scope" }, oktaUser],
    ["without AUTH_SCOPE_PREFIX", { ...okta, AUTH_SCOPE_PREFIX: "api://chime/" }, oktaUser],
    ["with a prefix that is not set", { AUTH_AUDIENCE: clientId }, cognitoAccess],
  ])("%s", async (_what, env, form) => {
    expect(codesOf(await askWith(env, form))).toEqual(["FORBIDDEN", "FORBIDDEN"]);
  });
});

test("scopes may be in any claim, and have a prefix such as https://chime.example.com/", async () => {
  const env = {
    AUTH_SCOPE_CLAIM: "scope, https://chime.example.com/permissions",
    AUTH_SCOPE_PREFIX: `${api}/`,
  };
  const claims = {
    "https://chime.example.com/permissions": [`${api}/chime:read`],
    scope: `${api}/chime:global`,
  };
  expect(await askWith(env, { claims })).toEqual({
    data: { account: { accountId: SEED.teamAccountId }, globalSettings: { id: expect.any(String) } },
  });
});
