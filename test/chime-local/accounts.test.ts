import {
  AssociateSigninDelegateGroupsWithAccountCommand,
  CreateAccountCommand,
  CreateUserCommand,
  DisassociateSigninDelegateGroupsFromAccountCommand,
  GetAccountCommand,
  ListAccountsCommand,
  type ListAccountsRequest,
  UpdateAccountCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const listNames = async (input: ListAccountsRequest) => {
  const { Accounts = [] } = await chime.client.send(new ListAccountsCommand(input));
  return Accounts.map(({ Name }) => Name);
};

const groupsOf = async (AccountId: string) => {
  const { Account } = await chime.client.send(new GetAccountCommand({ AccountId }));
  return Account?.SigninDelegateGroups?.map(({ GroupName }) => GroupName);
};

test("a new account is an active Team account with Pro as its default license", async () => {
  const created = await output(chime.client.send(new CreateAccountCommand({ Name: "Birch Bakery" })));
  expect(created).toEqual({
    Account: {
      AwsAccountId: "111122223333",
      AccountId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      Name: "Birch Bakery",
      AccountType: "Team",
      CreatedTimestamp: expect.any(Date),
      DefaultLicense: "Pro",
      SupportedLicenses: ["Basic", "Pro"],
      AccountStatus: "Active",
      SigninDelegateGroups: [],
    },
  });
  const AccountId = created.Account?.AccountId;
  expect(await output(chime.client.send(new GetAccountCommand({ AccountId })))).toEqual(created);
});

test("an account has every member on the wire, its timestamp in ISO 8601", async () => {
  const { status, body } = await chime.http("GET", `/accounts/${SEED.largeAccountId}`);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    Account: {
      AwsAccountId: "111122223333",
      AccountId: SEED.largeAccountId,
      Name: "Meridian Logistics",
      AccountType: "EnterpriseDirectory",
      CreatedTimestamp: "2019-07-03T09:00:00Z",
      DefaultLicense: "Pro",
      SupportedLicenses: ["Basic", "Plus", "Pro", "ProTrial"],
      AccountStatus: "Active",
      SigninDelegateGroups: [{ GroupName: "executive-assistants" }, { GroupName: "front-desk" }],
    },
  });
});

test("creating returns 201, reading and updating 200", async () => {
  expect((await chime.http("POST", "/accounts", { body: { Name: "Birch Bakery" } })).status).toBe(201);
  expect((await chime.http("GET", "/accounts")).status).toBe(200);
  expect((await chime.http("POST", `/accounts/${SEED.teamAccountId}`, { body: { Name: "B" } })).status).toBe(
    200,
  );
});

test("an unknown account is a NotFoundException", async () => {
  expect(await failure(chime.client.send(new GetAccountCommand({ AccountId: "none" })))).toMatchObject({
    name: "NotFoundException",
    status: 404,
    Code: "NotFound",
  });
});

test("an update changes only the members that it contains", async () => {
  const AccountId = SEED.teamAccountId;
  const before = await output(chime.client.send(new GetAccountCommand({ AccountId })));
  await chime.client.send(new UpdateAccountCommand({ AccountId, Name: "Harbour" }));
  const updated = await output(
    chime.client.send(new UpdateAccountCommand({ AccountId, DefaultLicense: "Basic" })),
  );
  expect(updated).toEqual({ Account: { ...before.Account, Name: "Harbour", DefaultLicense: "Basic" } });
  expect(await output(chime.client.send(new GetAccountCommand({ AccountId })))).toEqual(updated);
});

test("the default license must be one that the account supports", async () => {
  const update = new UpdateAccountCommand({ AccountId: SEED.teamAccountId, DefaultLicense: "ProTrial" });
  expect(await failure(chime.client.send(update))).toMatchObject({
    name: "BadRequestException",
    Code: "BadRequest",
  });
});

test("accounts are listed in the order of their creation, new ones last", async () => {
  await chime.client.send(new CreateAccountCommand({ Name: "Aardvark" }));
  expect(await listNames({})).toEqual([
    "Harbor Street Studio",
    "Meridian Logistics",
    "Alder University",
    "Meadow Clinic",
    "Cedar Workshop",
    "Quarry Press",
    "Aardvark",
  ]);
});

test("a name filters by prefix, ignores case, and sorts by name", async () => {
  await chime.client.send(new CreateAccountCommand({ Name: "mEAL Kitchen" }));
  expect(await listNames({ Name: "Me" })).toEqual(["Meadow Clinic", "mEAL Kitchen", "Meridian Logistics"]);
  expect(await listNames({ Name: "meridian logistics" })).toEqual(["Meridian Logistics"]);
  expect(await listNames({ Name: "Logistics" })).toEqual([]);
});

test.each(["%", "_", "*", "'"])("%s in a name prefix is not a wildcard", async (character) => {
  expect(await listNames({ Name: character })).toEqual([]);
  await chime.client.send(new CreateAccountCommand({ Name: `${character}ne` }));
  expect(await listNames({ Name: character })).toEqual([`${character}ne`]);
});

test("an e-mail address finds the account of its user", async () => {
  expect(await listNames({ UserEmail: SEED.userEmail.toUpperCase() })).toEqual(["Harbor Street Studio"]);
  expect(await listNames({ UserEmail: "nobody@example.com" })).toEqual([]);
  expect(await listNames({ UserEmail: SEED.userEmail, Name: "Meadow" })).toEqual([]);
  await chime.client.send(
    new CreateUserCommand({ AccountId: SEED.emptyAccountId, Email: "new@example.com" }),
  );
  expect(await listNames({ UserEmail: "new@example.com" })).toEqual(["Cedar Workshop"]);
});

test("delegate groups are added once each and keep their order", async () => {
  const AccountId = SEED.largeAccountId;
  const SigninDelegateGroups = ["night-shift", "front-desk", "night-shift"].map((GroupName) => ({
    GroupName,
  }));
  const associate = new AssociateSigninDelegateGroupsWithAccountCommand({ AccountId, SigninDelegateGroups });
  expect(await output(chime.client.send(associate))).toEqual({});
  expect(await groupsOf(AccountId)).toEqual(["executive-assistants", "front-desk", "night-shift"]);
});

test("delegate groups are removed by name; an unknown name is ignored", async () => {
  const AccountId = SEED.largeAccountId;
  const GroupNames = ["executive-assistants", "unknown"];
  const disassociate = new DisassociateSigninDelegateGroupsFromAccountCommand({ AccountId, GroupNames });
  expect(await output(chime.client.send(disassociate))).toEqual({});
  expect(await output(chime.client.send(disassociate))).toEqual({});
  expect(await groupsOf(AccountId)).toEqual(["front-desk"]);
});
