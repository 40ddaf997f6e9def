/** "Chim" in ASCII: distinguishes our files from other programs' SQLite files. */
export const applicationId = 0x4368_696d;

/** Gives each user's number its place in the inventory. Part of a migration: never change it. */
export const numbersOfUsers = `
  INSERT OR IGNORE INTO records (kind, owner, id, body)
  SELECT 'phoneNumber', '', phone, json_object(
    'E164PhoneNumber', phone, 'ProductType', 'BusinessCalling', 'Status', 'Assigned', 'AccountId', account_id,
    'UserId', user_id, 'AssociatedTimestamp', since, 'CreatedTimestamp', since, 'UpdatedTimestamp', since)
  FROM (
    SELECT *, strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(registered_on, invited_on, 0) / 1000.0, 'unixepoch') AS since
    FROM users WHERE phone IS NOT NULL
  ) ORDER BY seq;
`;

/** The nth script takes a data file from version n to version n + 1: a new file runs them all. Never change an old one. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE accounts (
    seq INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    account_type TEXT NOT NULL,
    account_status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    default_license TEXT NOT NULL,
    supported_licenses TEXT NOT NULL,
    delegate_groups TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accounts_by_name ON accounts (name_key);

  CREATE TABLE users (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    email TEXT,
    email_key TEXT UNIQUE,
    phone TEXT,
    display_name TEXT,
    license TEXT NOT NULL,
    user_type TEXT NOT NULL,
    registration TEXT NOT NULL,
    invitation TEXT,
    registered_on INTEGER,
    invited_on INTEGER,
    alexa_enabled INTEGER NOT NULL,
    alexa_room_arn TEXT,
    pin TEXT NOT NULL
  ) STRICT;
  -- SQLite appends the row's number to every index: both give pages in the order of creation.
  CREATE INDEX users_by_account ON users (account_id);
  CREATE INDEX users_by_type ON users (account_id, user_type);

  PRAGMA application_id = ${applicationId};
  `,
  `
  -- Everything but accounts and users: see records.ts.
  CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, owner, id)
  ) STRICT;
  CREATE INDEX records_by_owner ON records (kind, owner);
  CREATE INDEX records_by_id ON records (kind, id);

  ALTER TABLE accounts ADD COLUMN deleted_at INTEGER;
  `,
  `
  -- Each is for one filter of ListPhoneNumbers.
  CREATE INDEX numbers_by_account ON records (body ->> '$.AccountId') WHERE kind = 'phoneNumber';
  CREATE INDEX numbers_by_user ON records (body ->> '$.UserId') WHERE kind = 'phoneNumber';
  CREATE INDEX numbers_by_voice_connector ON records (body ->> '$.VoiceConnectorId') WHERE kind = 'phoneNumber';
  CREATE INDEX numbers_by_status ON records (body ->> '$.Status') WHERE kind = 'phoneNumber';
  CREATE INDEX numbers_by_product_type ON records (body ->> '$.ProductType') WHERE kind = 'phoneNumber';
  ${numbersOfUsers}
  `,
];
