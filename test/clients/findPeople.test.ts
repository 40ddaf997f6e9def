import { gql } from "@apollo/client";
import { filter, firstValueFrom } from "rxjs";
import { expect, onTestFinished, test } from "vitest";
import { runChangeScript } from "../support/changeScript.js";
import { startOn, useHarness } from "../support/fixture.js";
import { startSparseAccount } from "../support/sparseAccount.js";
import { createClient } from "./app/client.js";

const harness = useHarness();

interface Found {
  readonly account: {
    readonly users: {
      readonly edges: readonly { readonly node: { readonly userId: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}

test("Apollo Client reads a filtered list across empty pages, each user once", async () => {
  const users = createClient(`${await startSparseAccount()}/graphql`).watchQuery<Found>({
    query: gql(`query ($after: String, $filter: UserFilter) {
      account(accountId: "a") { id users(first: 3, after: $after, filter: $filter) {
        edges { node { id userId } } pageInfo { hasNextPage endCursor }
      } }
    }`),
    variables: { filter: { licenseTypes: ["PRO"] } },
  });
  const subscription = users.subscribe(() => undefined);
  onTestFinished(() => subscription.unsubscribe());
  const shown = async () => {
    const { data } = await firstValueFrom(users.pipe(filter(({ loading }) => !loading)));
    return (data as Found).account.users;
  };
  const steps: string[][] = [];
  for (;;) {
    const { edges, pageInfo } = await shown();
    steps.push(edges.map(({ node }) => node.userId));
    if (!pageInfo.hasNextPage) break;
    await users.fetchMore({ variables: { after: pageInfo.endCursor } });
  }

  expect(steps).toEqual([[], ["u12"], ["u12"], ["u12", "u35"]]);
});

test("the documented loop changes each of 1,000 users once while Chime throttles, also if it is killed", async () => {
  const options = { users: 1_000, perSecond: 50, kills: [100, 600] };
  const result = await runChangeScript(harness.chimeUrl, options, startOn);

  expect(result.changes).toEqual({ 1: 1_000 });
  expect(result.changed).toBe(1_000);
  expect(result.progress).toMatch(/^1000 users read, \d+ changed$/);
}, 60_000);
