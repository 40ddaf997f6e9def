import { ApolloProvider } from "@apollo/client/react";
import { prerenderStatic } from "@apollo/client/react/ssr";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";
import { UserList } from "./app/userList.js";

const harness = useHarness();

/** The component's HTML once its queries are answered. */
async function render(accountId: string, pageSize: number): Promise<string> {
  const client = createClient(`${harness.url}/graphql`);
  const children = createElement(UserList, { accountId, pageSize });
  const tree = createElement(ApolloProvider, { client, children });
  const { result } = await prerenderStatic({ tree, renderFunction: renderToStaticMarkup });
  return result.replaceAll("<!-- -->", "");
}

describe("the React components", () => {
  test("show an account's users, each row with the data of its own fragment", async () => {
    expect(await render(SEED.teamAccountId, 2)).toBe(
      "<section><h1>Harbor Street Studio</h1><ul>" +
        '<li>Amara Okafor: BASIC<button type="button">Upgrade</button></li>' +
        "<li>Wei Silva: PRO</li>" +
        '</ul><button type="button">More</button></section>',
    );
  });

  test("offer no further page where there is none", async () => {
    expect(await render(SEED.teamAccountId, 100)).not.toContain("More");
  });

  test("report that an account does not exist", async () => {
    expect(await render("00000000-0000-0000-0000-000000000000", 2)).toBe(
      '<p role="alert">There is no such account.</p>',
    );
  });

  test("explain why the users cannot be read", async () => {
    await harness.fault({ operation: "ListUsers", kind: "500" });
    expect(await render(SEED.teamAccountId, 2)).toBe(
      "<section><h1>Harbor Street Studio</h1>" +
        '<p role="alert">Amazon Chime is not responding. Try again later.</p><ul></ul></section>',
    );
  });
});
