import { AssociateSigninDelegateGroupsWithAccountCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId: accountId, teamAccountId, roomId } = SEED;
const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(" ");
const long = (length: number) => "x".repeat(length);
const tooLarge = {
  code: "LIMIT_EXCEEDED",
  limit: expect.objectContaining({ name: "responseBytes", most: 10 * 1024 * 1024 }),
};

describe("a bulk write whose payload would repeat long texts of its input is rejected before any call:", () => {
  test.each([
    ["inviteUsers", "results { emailAddress }", { userEmailList: [long(300_000)] }],
    [
      "inviteUsers",
      "inviteErrors { emailAddress }",
      { userEmailList: Array.from({ length: 500 }, (_, index) => `${long(900)}${index}`) },
    ],
    ["batchSuspendUser", "results { userId }", { userIdList: [long(300_000)] }],
    ["batchUnsuspendUser", "userErrors { userId }", { userIdList: [long(300_000)] }],
    [
      "batchUpdateUser",
      "userErrors { userId }",
      { updateUserRequestItems: [{ userId: long(300_000), licenseType: "PRO" }] },
    ],
    ["batchDeletePhoneNumber", "results { phoneNumberId }", { phoneNumberIds: [long(300_000)] }],
    [
      "batchCreateRoomMembership",
      "results { memberId }",
      { roomId, membershipItemList: [{ memberId: long(300_000), role: "MEMBER" }] },
    ],
  ])("%s { %s }", async (mutation, field, input) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const account = mutation.includes("PhoneNumber") ? {} : { accountId };
    const { data, errors } = await harness.ask(
      `mutation ($input: ${type}) { ${mutation}(input: $input) { ${aliases(50, field)} } }`,
      { input: { ...account, ...input } },
    );
    expect(errors?.map(({ extensions }) => extensions)).toEqual([expect.objectContaining(tooLarge)]);
    expect({ data, calls: await harness.calls() }).toEqual({ data: undefined, calls: {} });
  });

  test("while 500 addresses of the longest valid length are served", async () => {
    const userEmailList = Array.from({ length: 500 }, (_, index) => `${long(200)}${index}@example.com`);
    const { data } = await harness.ask(
      "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcome results { emailAddress } } }",
      { input: { accountId, userEmailList } },
    );
    expect(data.inviteUsers.results).toHaveLength(500);
  });
});

describe("a list whose texts are longer than assumed fails before the response gets too large", () => {
  const groups = Array.from({ length: 500 }, (_, index) => ({ GroupName: `${long(995)}${index}` }));
  const query = (count: number) =>
    `{ account(accountId: "${teamAccountId}") { name ${aliases(count, "signinDelegateGroups { groupName }")} } }`;
  const store = () =>
    harness.chime.send(
      new AssociateSigninDelegateGroupsWithAccountCommand({
        AccountId: teamAccountId,
        SigninDelegateGroups: groups,
      }),
    );

  test("in a query", async () => {
    await store();
    const { errors } = await harness.ask(query(190));
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(["LIMIT_EXCEEDED"]));
    expect((await harness.ask(query(10))).data.account.a9).toHaveLength(500);
  });

  test("in the payload of a mutation, whose outcome is still reported", async () => {
    await store();
    const { data, errors } = await harness.ask(
      `mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) {
        outcome account { ${aliases(190, "signinDelegateGroups { groupName }")} } } }`,
      { input: { accountId: teamAccountId, name: "Renamed" } },
    );
    expect(data.updateAccount).toEqual({ outcome: "DONE", account: null });
    expect(errors?.[0]?.extensions.code).toBe("LIMIT_EXCEEDED");
  });
});
