import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteAccountCommand,
  DisassociatePhoneNumberFromUserCommand,
  GetAccountSettingsCommand,
  GetUserCommand,
  ListAccountsCommand,
  ListPhoneNumbersCommand,
  UpdateAccountSettingsCommand,
} from "@aws-sdk/client-chime";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { openDatabase } from "../../src/chime-local/store/database.js";
import { createRecords } from "../../src/chime-local/store/records.js";
import { createClient } from "./fixture.js";

/** A data file as version 1 wrote it: the statements of that version. */
const versionOne = `
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE accounts (
    seq INTEGER PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_key TEXT NOT NULL,
    account_type TEXT NOT NULL, account_status TEXT NOT NULL, created_at INTEGER NOT NULL,
    default_license TEXT NOT NULL, supported_licenses TEXT NOT NULL, delegate_groups TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accounts_by_name ON accounts (name_key);
  CREATE TABLE users (
    seq INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, email TEXT,
    email_key TEXT UNIQUE, phone TEXT, display_name TEXT, license TEXT NOT NULL, user_type TEXT NOT NULL,
    registration TEXT NOT NULL, invitation TEXT, registered_on INTEGER, invited_on INTEGER,
    alexa_enabled INTEGER NOT NULL, alexa_room_arn TEXT, pin TEXT NOT NULL
  ) STRICT;
  CREATE INDEX users_by_account ON users (account_id);
  CREATE INDEX users_by_type ON users (account_id, user_type);
  PRAGMA application_id = ${0x4368_696d};
  PRAGMA user_version = 1;
  INSERT INTO counters VALUES ('account', 1);
  INSERT INTO accounts VALUES
    (1, 'birch', 'Birch', 'birch', 'Team', 'Active', 1700000000000, 'Pro', '["Basic","Pro"]', '[]');
  INSERT INTO users VALUES
    (1, 'nia', 'birch', 'nia@example.com', 'nia@example.com', '+12065550100', 'Nia', 'Pro', 'PrivateUser',
     'Suspended', 'Accepted', 1700000000000, 1700000000000, 0, NULL, '1234567890');
`;

let folder: string;
let dataFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chime-local-"));
  dataFile = join(folder, "chime.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeVersionOne(extra = ""): void {
  const file = new Libsql(dataFile);
  file.exec(versionOne + extra);
  file.close();
}

test("a data file of version 1 keeps its accounts and users, and takes settings", async () => {
  writeVersionOne();
  const chime = await startChimeLocal({ port: 0, dataFile, users: 3 });
  const client = createClient(chime.url);
  const AccountId = "birch";
  const { Accounts } = await client.send(new ListAccountsCommand({}));
  expect(Accounts).toMatchObject([{ AccountId, Name: "Birch", AccountType: "Team" }]);
  expect((await client.send(new GetUserCommand({ AccountId, UserId: "nia" }))).User).toMatchObject({
    PrimaryEmail: "nia@example.com",
    PrimaryProvisionedNumber: "+12065550100",
    PersonalPIN: "1234567890",
  });
  await client.send(
    new UpdateAccountSettingsCommand({ AccountId, AccountSettings: { EnableDialOut: true } }),
  );
  const { AccountSettings } = await client.send(new GetAccountSettingsCommand({ AccountId }));
  expect(AccountSettings).toEqual({ DisableRemoteControl: false, EnableDialOut: true });
  await client.send(new DeleteAccountCommand({ AccountId }));
  client.destroy();
  await chime.close();

  const restarted = await startChimeLocal({ port: 0, dataFile, users: 3 });
  const response = await fetch(`${restarted.url}/accounts`);
  expect(await response.json(), "The only account was deleted: no reason to seed.").toEqual({ Accounts: [] });
  await restarted.close();
});

test("the phone numbers of a data file of version 1 are in the inventory", async () => {
  writeVersionOne(`
    INSERT INTO users SELECT 2, 'ravi', account_id, 'ravi@example.com', 'ravi@example.com', NULL, 'Ravi', license,
      user_type, registration, invitation, registered_on, invited_on, 0, NULL, '1234567891' FROM users;
  `);
  const chime = await startChimeLocal({ port: 0, dataFile, users: 3 });
  const client = createClient(chime.url);
  const { PhoneNumbers } = await client.send(new ListPhoneNumbersCommand({}));
  await client.send(new DisassociatePhoneNumberFromUserCommand({ AccountId: "birch", UserId: "nia" }));
  const { User } = await client.send(new GetUserCommand({ AccountId: "birch", UserId: "nia" }));
  client.destroy();
  await chime.close();
  const date = new Date(1_700_000_000_000);
  expect(PhoneNumbers).toMatchObject([
    {
      E164PhoneNumber: "+12065550100",
      ProductType: "BusinessCalling",
      Status: "Assigned",
      Associations: [
        { Name: "AccountId", Value: "birch", AssociatedTimestamp: date },
        { Name: "UserId", Value: "nia", AssociatedTimestamp: date },
      ],
      CreatedTimestamp: date,
    },
  ]);
  expect(User).not.toHaveProperty("PrimaryProvisionedNumber");
});

test("a migration that fails leaves the data file as it was", async () => {
  writeVersionOne("CREATE TABLE records (text TEXT);");
  await expect(startChimeLocal({ port: 0, dataFile, users: 3 })).rejects.toThrow("cannot be used");
  const file = new Libsql(dataFile);
  const version = file.prepare("PRAGMA user_version").raw().get();
  const columns = file.prepare("SELECT count(*) FROM pragma_table_info('accounts')").raw().get();
  file.close();
  expect({ version, columns }).toEqual({ version: [1], columns: [10] });
});

test("records are found by owner and id, and listed in the order of creation", () => {
  const database = openDatabase(":memory:");
  const { collection, removeRecordsOf } = createRecords(database);
  const rooms = collection<{ Name: string; CreatedTimestamp?: Date }>("room");
  const CreatedTimestamp = new Date(1_700_000_000_000);
  rooms.save("birch", "2", { Name: "Second", CreatedTimestamp });
  rooms.save("birch", "1", { Name: "First" });
  rooms.save("elm", "3", { Name: "Third" });
  rooms.save("birch", "2", { Name: "Renamed", CreatedTimestamp });
  collection("bot").save("birch", "2", {});

  expect(rooms.find("birch", "2")).toEqual({ Name: "Renamed", CreatedTimestamp });
  expect(rooms.find("elm", "2")).toBeUndefined();
  expect(rooms.findById("3")).toEqual({ Name: "Third" });
  expect(rooms.count("birch")).toBe(2);
  const [first, ...rest] = rooms.list("birch");
  expect([first, ...rest].map((room) => room?.id)).toEqual(["2", "1"]);
  expect(rooms.list("birch", first?.seq)).toEqual(rest);
  expect(rooms.list("birch", 0, 1)).toEqual([first]);
  expect(rooms.listAll().map(({ id }) => id)).toEqual(["2", "1", "3"]);

  const members = collection("member");
  for (const [room = "", member = ""] of [
    ["1", "nia"],
    ["2", "nia"],
    ["3", "nia"],
    ["1", "olu"],
  ])
    members.save(room, member, {});
  expect(members.countById("nia")).toBe(3);
  const roomsOf = (id: string) => rooms.listOwnersOf({ kind: "member", id }, "birch", 0, 9);
  expect(roomsOf("nia")).toEqual([first, ...rest]);
  expect(roomsOf("olu")).toEqual(rest);
  members.removeAll("1");
  expect(roomsOf("nia")).toEqual([first]);

  rooms.remove("birch", "1");
  expect(rooms.count("birch")).toBe(1);
  removeRecordsOf("birch");
  expect([rooms.count("birch"), rooms.count("elm"), collection("bot").count("birch")]).toEqual([0, 1, 0]);
  database.close();
});
