import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attacks, createForge } from "../support/attacks.js";
import { createKey, startIssuer } from "../support/issuer.js";
import { startChime, startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";

const calls = 1_000;

interface Seen {
  readonly data?: { readonly accounts: { readonly nodes: readonly { readonly accountId: string }[] } | null };
}

/** Who has no right gets nothing, and nobody gets what is another's. */
export async function authentication(): Promise<Row[]> {
  const issuer = await startIssuer();
  const attacker = await createKey("RS256");
  let attackerAsked = 0;
  const attackerServer = createServer((_, response) => {
    attackerAsked++;
    response.end(JSON.stringify({ keys: [attacker.jwk] }));
  }).listen(0, "127.0.0.1");
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, issuer.env);
  async function ask(token: string, query: string) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: (await response.json()) as Seen };
  }

  try {
    const attackerUrl = `http://127.0.0.1:${(attackerServer.address() as AddressInfo).port}`;
    const forge = createForge(issuer, attacker, attackerUrl);
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
        for (let turn = 0; turn < 25; turn++)
          for (const { id, token } of callers) {
            const { body } = await ask(token, list);
            if (JSON.stringify(body.data?.accounts?.nodes) === JSON.stringify([{ accountId: id }])) right++;
          }
      }),
    );
    return [
      {
        promise: `Of ${attacks.length} attack tokens none is accepted`,
        figure: `${accepted.length} accepted; ${attackerAsked} questions to the attacker's server`,
        ok: everything.status === 200 && accepted.length === 0 && attackerAsked === 0,
      },
      {
        promise: `${calls.toLocaleString("en")} interleaved calls of two callers: each sees its own account alone`,
        figure: `${right} right`,
        ok: callers.length === 2 && right === calls,
      },
    ];
  } finally {
    await Promise.all([gateway.stop(), chime.stop(), issuer.close()]);
    attackerServer.close();
  }
}
