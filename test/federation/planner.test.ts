import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";
import { composers, fetchSdl, noPlanner, type Subgraph } from "../support/supergraph.js";
import { peopleSdl } from "./people.js";

const harness = useHarness();

/** The subgraphs that a query is sent to, in the order of the plan. */
async function servicesFor(supergraph: string, query: string): Promise<string[]> {
  const { QueryPlanner } = await import("@graphql-hive/router-query-planner");
  const plan = new QueryPlanner(supergraph).plan(query, undefined, new Set(), 0);
  return Array.from(JSON.stringify(plan).matchAll(/"serviceName":"(\w+)"/g), ([, name = ""]) => name);
}

describe.skipIf(noPlanner).each(Object.entries(composers))(
  `Hive's query planner, on what %s composed${noPlanner ? ` (skipped: ${noPlanner})` : ""},`,
  (_name, compose) => {
    async function supergraph(...others: readonly Subgraph[]): Promise<string> {
      const chime = { name: "chime", url: `${harness.url}/graphql`, sdl: await fetchSdl(harness.url) };
      return compose([chime, ...others]).supergraph;
    }
    const people = { name: "people", url: "http://127.0.0.1:4002/graphql", sdl: peopleSdl };

    test("plans a query of the gateway alone", async () => {
      expect(
        await servicesFor(await supergraph(), `{ accounts(first: 3) { nodes { users { nodes { id } } } } }`),
      ).toEqual(["chime"]);
    });

    test("plans a mutation", async () => {
      const mutation = `mutation { createAccount(input: { name: "New" }) { account { id } errors { code } } }`;

      expect(await servicesFor(await supergraph(), mutation)).toEqual(["chime"]);
    });

    test("plans queries from the gateway to the people directory, and in the other direction", async () => {
      const joined = await supergraph(people);

      expect(
        await servicesFor(joined, `{ accounts { nodes { users { nodes { employee { jobTitle } } } } } }`),
      ).toEqual(["chime", "people"]);
      expect(await servicesFor(joined, `{ employees { email chimeUser { licenseType } } }`)).toEqual([
        "people",
        "chime",
      ]);
    });
  },
);
