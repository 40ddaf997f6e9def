import { ClientError, GraphQLClient, gql } from "graphql-request";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useClosedGateway, useHarness } from "../support/fixture.js";
import { readNames } from "./app/script.js";

const harness = useHarness();
const closed = useClosedGateway(harness);
const query = gql`query ($id: ID!) { account(accountId: $id) { name } }`;

describe("graphql-request", () => {
  test.each([
    ["by POST, as it does by default,", {}],
    ["by GET", { method: "GET" as const }],
  ])("sends queries %s and reads the response", async (_how, config) => {
    const client = new GraphQLClient(`${harness.url}/graphql`, config);
    expect(await client.request(query, { id: SEED.teamAccountId })).toEqual({
      account: { name: "Harbor Street Studio" },
    });
  });

  test("reads an account's users in a script, with a token if one is needed", async () => {
    const names = await readNames(`${harness.url}/graphql`, SEED.teamAccountId);
    expect(names?.slice(0, 2)).toEqual(["Amara Okafor", "Wei Silva"]);
    const { authorization = "" } = await closed.headersFor({ scope: "chime:read" });
    const token = authorization.replace("Bearer ", "");
    expect(await readNames(`${closed.url}/graphql`, SEED.teamAccountId, token)).toEqual(names);
  });

  test("throws an error with the code of the response", async () => {
    const error = await readNames(`${closed.url}/graphql`, SEED.teamAccountId).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ClientError);
    expect((error as ClientError).response.errors?.[0]?.extensions["code"]).toBe("UNAUTHENTICATED");
  });
});
