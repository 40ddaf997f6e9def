import {
  BatchUpdateUserCommand,
  CreateAccountCommand,
  InviteUsersCommand,
  ListUsersCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, useChime } from "./fixture.js";

const chime = useChime(3);

const account = `/accounts/${SEED.teamAccountId}`;
const user = `${account}/users/${SEED.userId}`;
const licenses = "Basic, Plus, Pro, ProTrial";

async function post(path: string, body: string | object) {
  const response = await chime.http("POST", path, { body });
  return { status: response.status, ...JSON.parse(response.body) };
}

async function get(path: string) {
  const response = await chime.http("GET", path);
  return { status: response.status, ...JSON.parse(response.body) };
}

const refusal = (...problems: string[]) => ({
  status: 400,
  Code: "BadRequest",
  Message: `${problems.join("; ")}.`,
});

const AccountId = SEED.teamAccountId;

test.each([
  ["Name must have at most 100 characters.", new CreateAccountCommand({ Name: "n".repeat(101) })],
  ["MaxResults must be at most 200.", new ListUsersCommand({ AccountId, MaxResults: 201 })],
  [
    "UpdateUserRequestItems must have at most 20 items.",
    new BatchUpdateUserCommand({
      AccountId,
      UpdateUserRequestItems: Array.from({ length: 21 }, () => ({ UserId: "u" })),
    }),
  ],
  [
    "UserEmailList must have at most 50 items.",
    new InviteUsersCommand({
      AccountId,
      UserEmailList: Array.from({ length: 51 }, (_, n) => `guest-${n}@example.com`),
    }),
  ],
  [
    `LicenseType must be one of ${licenses}.`,
    new UpdateUserCommand({ AccountId, UserId: "u", LicenseType: "Nope" as "Pro" }),
  ],
])("the SDK throws a BadRequestException that names the member: %s", async (message, command) => {
  const response = chime.client.send(command as CreateAccountCommand);
  expect(await failure(response)).toEqual({
    name: "BadRequestException",
    status: 400,
    Code: "BadRequest",
    message,
  });
});

test.each([
  ["/accounts", {}, "Name is required"],
  ["/accounts", { Name: null }, "Name is required"],
  ["/accounts", { Name: "" }, "Name must have at least 1 character"],
  ["/accounts", { Name: " \t" }, "Name must not be blank"],
  ["/accounts", { Name: 7 }, "Name must be a string"],
  ["/accounts", { Name: ["x"] }, "Name must be a string"],
  ["/accounts", { Name: "a\0b" }, "Name must not contain a null character"],
  [account, { DefaultLicense: "pro" }, `DefaultLicense must be one of ${licenses}`],
  [user, { UserType: "Robot" }, "UserType must be one of PrivateUser, SharedDevice"],
  [user, { AlexaForBusinessMetadata: "yes" }, "AlexaForBusinessMetadata must be a structure"],
  [user, { AlexaForBusinessMetadata: [] }, "AlexaForBusinessMetadata must be a structure"],
  [
    user,
    { AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: "true" } },
    "AlexaForBusinessMetadata.IsAlexaForBusinessEnabled must be true or false",
  ],
  [`${account}/users?operation=create`, { Email: "nobody" }, "Email must be an e-mail address"],
  [`${account}/users?operation=add`, { UserEmailList: "a@b.c" }, "UserEmailList must be a list"],
  [`${account}/users?operation=add`, { UserEmailList: ["a@b.c", null] }, "UserEmailList[1] must be a string"],
  [
    `${account}/users?operation=add`,
    { UserEmailList: ["a@b.c", "a@b"] },
    "UserEmailList[1] must be an e-mail address",
  ],
  [`${account}/users`, { UpdateUserRequestItems: {} }, "UpdateUserRequestItems must be a list"],
  [`${account}/users`, { UpdateUserRequestItems: [[]] }, "UpdateUserRequestItems[0] must be a structure"],
  [
    `${account}/users`,
    { UpdateUserRequestItems: [{ UserId: "a/b" }] },
    "UpdateUserRequestItems[0].UserId must be 1 to 128 letters, digits, '-' or '_'",
  ],
  [`${account}?operation=associate-signin-delegate-groups`, {}, "SigninDelegateGroups is required"],
  [
    `${account}?operation=associate-signin-delegate-groups`,
    { SigninDelegateGroups: [{}] },
    "SigninDelegateGroups[0].GroupName is required",
  ],
  [
    `${account}?operation=disassociate-signin-delegate-groups`,
    { GroupNames: [] },
    "GroupNames must have at least 1 item",
  ],
])("%s refuses %j", async (path, body, problem) => {
  expect(await post(path, body)).toEqual(refusal(problem));
});

test("all problems of a request come in one message, each with the path of its member", async () => {
  const UpdateUserRequestItems = [
    { UserId: "u" },
    { UserId: "u", LicenseType: "Nope", UserType: 1 },
    { AlexaForBusinessMetadata: { AlexaForBusinessRoomArn: false } },
  ];
  expect(await post("/accounts/a%20b/users", { UpdateUserRequestItems })).toEqual(
    refusal(
      "AccountId must be 1 to 128 letters, digits, '-' or '_'",
      `UpdateUserRequestItems[1].LicenseType must be one of ${licenses}`,
      "UpdateUserRequestItems[1].UserType must be a string",
      "UpdateUserRequestItems[2].UserId is required",
      "UpdateUserRequestItems[2].AlexaForBusinessMetadata.AlexaForBusinessRoomArn must be a string",
    ),
  );
});

test("a refused batch changes nothing, valid items included", async () => {
  const before = await get(user);
  const UpdateUserRequestItems = [
    { UserId: SEED.userId, LicenseType: "Pro" },
    { UserId: SEED.userId, LicenseType: "Nope" },
  ];
  expect(await post(`${account}/users`, { UpdateUserRequestItems })).toMatchObject({ status: 400 });
  expect(await get(user)).toEqual(before);
});

test.each(["abc", "1.5", "", "0x10", "1e1", " 5", "99999999999999999999"])(
  "max-results=%s is not a whole number",
  async (text) => {
    expect(await get(`/accounts?max-results=${encodeURIComponent(text)}`)).toEqual(
      refusal("MaxResults must be a whole number"),
    );
  },
);

test.each([
  ["0", "MaxResults must be at least 1"],
  ["-1", "MaxResults must be at least 1"],
  ["201", "MaxResults must be at most 200"],
])("max-results=%s is out of bounds", async (text, problem) => {
  expect(await get(`/accounts?max-results=${text}`)).toEqual(refusal(problem));
});

test("the bounds themselves are allowed", async () => {
  expect((await get("/accounts?max-results=1")).status).toBe(200);
  expect((await get("/accounts?max-results=200")).status).toBe(200);
  expect((await post("/accounts", { Name: "👩".repeat(100) })).status).toBe(201);
  const UpdateUserRequestItems = Array.from({ length: 20 }, () => ({ UserId: SEED.userId }));
  expect((await post(`${account}/users`, { UpdateUserRequestItems })).status).toBe(200);
  expect((await get(`/accounts/${"a".repeat(128)}`)).status).toBe(404);
  expect((await get(`/accounts/${"a".repeat(129)}`)).status).toBe(400);
});

test("query parameters are checked like any member", async () => {
  expect(await get("/accounts?name=%20&user-email=x")).toEqual(
    refusal("Name must not be blank", "UserEmail must be an e-mail address"),
  );
  expect(await get(`${account}/users?user-type=Robot`)).toEqual(
    refusal("UserType must be one of PrivateUser, SharedDevice"),
  );
});

test("a repeated query parameter is refused", async () => {
  expect(await get("/accounts?max-results=1&max-results=2")).toEqual(
    refusal("The query parameter max-results must not be repeated"),
  );
});

test("members unknown to Chime are ignored, wherever they are", async () => {
  const body =
    '{"Name":"Birch","AccountType":"EnterpriseOIDC","__proto__":{"Name":7},"__type":"x","constructor":1}';
  const { status, Account } = await post("/accounts", body);
  expect({ status, Account }).toMatchObject({ status: 201, Account: { Name: "Birch", AccountType: "Team" } });
});

test("a member in the body doesn't replace one in the path", async () => {
  const { Account } = await post(account, { AccountId: SEED.emptyAccountId, Name: "Birch" });
  expect(Account).toMatchObject({ AccountId: SEED.teamAccountId, Name: "Birch" });
});

test("the value of an invalid member is never returned", async () => {
  const { Message } = await post(`${account}/users?operation=create`, { Email: "private-name" });
  expect(Message).not.toContain("private-name");
});
