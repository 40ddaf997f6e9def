import { describe, expect, onTestFinished, test } from "vitest";
import { createLoaders } from "../../../src/chime/reads/loaders.js";
import { rowPlan } from "../../../src/chime/reads/rowPlan.js";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { startVersionedChime, upstreamOn } from "../../support/versions.js";

const { smallAccountId, teamAccountId, twoHundredAccountId, userId } = SEED;
const user = { accountId: teamAccountId, userId };
const userQuery = (fields: string) =>
  `query ($accountId: ID!, $userId: ID!) { user(accountId: $accountId, userId: $userId) { ${fields} } }`;
const usersQuery = `query ($accountId: ID!, $userIds: [ID!]!) {
  users(accountId: $accountId, userIds: $userIds) { userId displayName registeredOn }
}`;
const listed =
  "userId accountId primaryEmail displayName licenseType userType userRegistrationStatus registeredOn account { name createdTimestamp supportedLicenses }";

describe("with CACHE_TTL_SECONDS", () => {
  const harness = useHarness({ CACHE_TTL_SECONDS: "600" });
  const update = (changes: object) =>
    harness.ask(`mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`, {
      input: { ...user, ...changes },
    });
  const license = async () => (await harness.ask(userQuery("licenseType"), user)).data.user.licenseType;

  // The embedded Chime is reset before each test, past the gateway: so that it learns of it.
  const touch = async (accountId: string) => {
    await harness.ask(
      `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`,
      {
        input: { accountId, userId: "nobody", licenseType: "PRO" },
      },
    );
    await harness.forgetCalls();
  };

  test("two requests for the same user and account cost one call each, and return the same", async () => {
    await touch(teamAccountId);
    const first = await harness.ask(userQuery(listed), user);
    const second = await harness.ask(userQuery(listed), user, { "x-chime-trace": "1" });

    expect(first.data.user.account.name).toEqual(expect.any(String));
    expect(second.data).toEqual(first.data);
    expect(await harness.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
    expect(second.extensions?.chime).toMatchObject({ totalCalls: 0 });
  });

  test("a read after a write through the gateway returns the new state", async () => {
    await touch(teamAccountId);
    expect(await license()).toBe("BASIC");
    await update({ licenseType: "PRO" });
    expect(await license()).toBe("PRO");
    await update({ licenseType: "BASIC" });
    expect(await license()).toBe("BASIC");
  });

  test("a read after a write whose response is lost calls Chime again", async () => {
    await touch(teamAccountId);
    await license();
    await harness.fault({ operation: "UpdateUser", kind: "reset-after", next: 1 });
    await update({ licenseType: "PRO" });
    expect(await license()).toBe("PRO");
  });

  test("users that are requested together come from the cache, and the rest by the usual plan", async () => {
    await touch(twoHundredAccountId);
    const ids = await harness.userIds(twoHundredAccountId, 101);
    const ask = (userIds: string[]) => harness.ask(usersQuery, { accountId: twoHundredAccountId, userIds });
    const first = await ask(ids.slice(0, 100));
    expect(await harness.calls()).toEqual({ ListUsers: 1 });

    const second = await ask([...ids.slice(0, 100), "nobody"]);
    expect(second.data.users).toEqual([...first.data.users, null]);
    expect(await harness.calls()).toEqual({ ListUsers: 1, GetUser: 1 });

    await ask(ids);
    expect(await harness.calls()).toEqual({ ListUsers: 1, GetUser: 2 });
  });

  test("entities come from the cache", async () => {
    await touch(teamAccountId);
    const ask = () =>
      harness.ask(
        `query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on User { displayName } ... on Account { name }
        } }`,
        {
          representations: [
            { __typename: "User", ...user },
            { __typename: "Account", accountId: teamAccountId },
          ],
        },
      );
    const first = await ask();

    expect(await ask()).toEqual(first);
    expect(await harness.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
  });

  test("the PIN, and other fields that lists lack, are always read from Chime", async () => {
    await touch(teamAccountId);
    const first = await harness.ask(userQuery("displayName personalPin invitedOn"), user);
    const second = await harness.ask(userQuery("displayName personalPin invitedOn"), user);

    expect(first.data.user.personalPin).toEqual(expect.any(String));
    expect(second.data).toEqual(first.data);
    expect(await harness.calls()).toEqual({ GetUser: 2 });
  });

  test("the PIN of a cached user is returned", async () => {
    await touch(teamAccountId);
    await harness.ask(userQuery("displayName"), user);
    const { data } = await harness.ask(userQuery("displayName personalPin"), user);

    expect(data.user.personalPin).toEqual(expect.any(String));
    expect(await harness.calls()).toEqual({ GetUser: 2 });
  });

  test("that a user does not exist is not cached", async () => {
    await touch(smallAccountId);
    const nobody = { accountId: smallAccountId, userId: "nobody" };
    for (let n = 0; n < 2; n++) expect((await harness.ask(userQuery("userId"), nobody)).data.user).toBeNull();

    expect(await harness.calls()).toEqual({ GetUser: 2 });
  });
});

test("without CACHE_TTL_SECONDS nothing is cached between requests", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url);
  onTestFinished(() => upstream.close());
  for (let n = 0; n < 2; n++) await createLoaders(upstream.createSession({}), rowPlan).accountById.load("a");

  expect(chime.reads).toBe(2);
});
