import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, startOn } from "../support/world.js";

/** A gateway on a Chime that answers each path, without its query, with what is said here. */
async function gatewayOn(answers: (url: URL) => object): Promise<string> {
  const chime = createServer((request, response) => {
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify(answers(new URL(request.url ?? "", "http://chime"))));
  }).listen(0, "127.0.0.1");
  await once(chime, "listening");
  const { port } = chime.address() as AddressInfo;
  const gateway = await startOn(`http://127.0.0.1:${port}`);
  onTestFinished(async () => {
    await gateway.close();
    chime.closeAllConnections();
    chime.close();
  });
  return gateway.url;
}

describe("an answer of Chime's", () => {
  test("that lacks the user or the account is no proof that there is none", async () => {
    const url = await gatewayOn(() => ({}));
    const { data, errors } = await ask(url, {
      query: `{ user(accountId: "a", userId: "b") { userId } account(accountId: "a") { name } }`,
    });

    expect(data).toEqual({ user: null, account: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      "INTERNAL_SERVER_ERROR",
      "INTERNAL_SERVER_ERROR",
    ]);
  });

  test("that begins with an empty page hides nobody", async () => {
    const url = await gatewayOn(({ pathname, searchParams }) => {
      if (!searchParams.has("next-token")) return { Users: [], Accounts: [], NextToken: "more" };
      return pathname === "/accounts"
        ? { Accounts: [{ AccountId: "a", AwsAccountId: "1", Name: "A" }] }
        : { Users: [{ UserId: "b", PrimaryEmail: "ada@example.com" }] };
    });

    expect(await ask(url, { query: `{ userByEmail(email: "ada@example.com") { userId } }` })).toEqual({
      data: { userByEmail: { userId: "b" } },
    });
  });
});
