import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, ask, startOn } from "../support/fixture.js";

describe("an unknown enum value is null with an error, and other fields keep their data:", () => {
  const account = {
    AccountId: "a",
    AwsAccountId: "111122223333",
    Name: "Andromeda",
    AccountType: "Galactic",
    AccountStatus: "Active",
    DefaultLicense: "Diamond",
    SupportedLicenses: ["Basic", "Diamond"],
  };
  const users = [
    { UserId: "u", DisplayName: "Ada", LicenseType: "Diamond", UserType: "Robot" },
    { UserId: "v", DisplayName: "Bob", LicenseType: "Pro", UserType: "PrivateUser" },
  ];
  /** A later version of Chime. */
  const chime = createServer(({ url = "" }, response) => {
    const body = url.includes("/users") ? { Users: users } : { Account: account };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  let gateway: Awaited<ReturnType<typeof startOn>>;
  beforeAll(async () => {
    await once(chime.listen(0, "127.0.0.1"), "listening");
    gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await gateway.close();
    chime.close();
  });

  /** The paths of the errors, which all have the same code and message. */
  function pathsOf({ errors = [] }: Answer) {
    for (const { message, extensions } of errors)
      expect({ message, extensions }).toEqual({
        message: "Chime returned an unexpected response.",
        extensions: { code: "INTERNAL_SERVER_ERROR" },
      });
    return errors.map(({ path }) => path?.join("."));
  }

  test("an account's type and one of its licenses, which the list lacks", async () => {
    const response = await ask(gateway.url, {
      query: `{ account(accountId: "a") { name accountType accountStatus defaultLicense supportedLicenses } }`,
    });
    expect(response.data).toEqual({
      account: {
        name: "Andromeda",
        accountType: null,
        accountStatus: "ACTIVE",
        defaultLicense: null,
        supportedLicenses: ["BASIC"],
      },
    });
    expect(pathsOf(response)).toEqual([
      "account.accountType",
      "account.defaultLicense",
      "account.supportedLicenses",
    ]);
  });

  test("a user's license and type in a list", async () => {
    const response = await ask(gateway.url, {
      query: `{ account(accountId: "a") { users { nodes { displayName licenseType userType } } } }`,
    });
    expect(response.data).toEqual({
      account: {
        users: {
          nodes: [
            { displayName: "Ada", licenseType: null, userType: null },
            { displayName: "Bob", licenseType: "PRO", userType: "PRIVATE_USER" },
          ],
        },
      },
    });
    expect(pathsOf(response)).toEqual([
      "account.users.nodes.0.licenseType",
      "account.users.nodes.0.userType",
    ]);
  });
});
