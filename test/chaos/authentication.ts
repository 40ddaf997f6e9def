import { attacks, createForge } from "../support/attacks.js";
import { sendHttp } from "../support/http.js";
import { createKey, startIssuer } from "../support/issuer.js";
import { startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { startStub } from "../support/stub.js";

const calls = 1_000;

interface AccountList {
  readonly data?: { readonly accounts: { readonly nodes: readonly { readonly accountId: string }[] } | null };
}

/** Callers without a valid token get nothing, and no caller sees the data of another. */
export async function authentication(): Promise<Row[]> {
  const issuer = await startIssuer();
  const attacker = await createKey("RS256");
  let attackerRequests = 0;
  const attackerServer = await startStub((_request, response) => {
    attackerRequests++;
    response.end(JSON.stringify({ keys: [attacker.jwk] }));
  });
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, issuer.env);
  async function ask(token: string, query: string) {
    const { status, body } = await sendHttp("POST", `${gateway.url}/graphql`, {
      body: { query },
      headers: { authorization: `Bearer ${token}` },
    });
    return { status, body: JSON.parse(body) as AccountList };
  }

  try {
    const forge = createForge(issuer, attacker, attackerServer.url);
    const accepted: string[] = [];
    for (const [what, make] of attacks)
      if ((await ask(await make(forge), "{ __typename }")).status !== 401) accepted.push(what);

    const list = "{ accounts { nodes { accountId } } }";
    const everything = await ask(await issuer.sign({ scope: "chime:read" }), list);
    const ids = everything.body.data?.accounts?.nodes.map(({ accountId }) => accountId) ?? [];
    const callers = await Promise.all(
      ids.slice(0, 2).map(async (id) => ({
        id,
        token: await issuer.sign({ scope: "chime:read", chime_accounts: [id] }),
      })),
    );
    let right = 0;
    await Promise.all(
      Array.from({ length: calls / 50 }, async () => {
        for (let round = 0; round < 25; round++)
          for (const { id, token } of callers) {
            const { body } = await ask(token, list);
            if (JSON.stringify(body.data?.accounts?.nodes) === JSON.stringify([{ accountId: id }])) right++;
          }
      }),
    );
    return [
      {
        promise: `None of ${attacks.length} forged tokens is accepted`,
        figure: `${accepted.length} accepted; ${attackerRequests} requests to the attacker's server`,
        ok: everything.status === 200 && accepted.length === 0 && attackerRequests === 0,
      },
      {
        promise: `In ${calls.toLocaleString("en")} interleaved requests of two callers, each sees only its own account`,
        figure: `${right} correct`,
        ok: callers.length === 2 && right === calls,
      },
    ];
  } finally {
    await Promise.all([gateway.stop(), chime.stop(), issuer.close(), attackerServer.close()]);
  }
}
