import type { InviteStatus, License, RegistrationStatus, User, UserType } from "@aws-sdk/client-chime";
import { caseKey, type Database, type Value } from "./database.js";

/** A user as GetUser answers it. */
export type StoredUser = User & {
  UserId: string;
  AccountId: string;
  LicenseType: License;
  UserType: UserType;
  UserRegistrationStatus: RegistrationStatus;
  AlexaForBusinessMetadata: {
    IsAlexaForBusinessEnabled: boolean;
    AlexaForBusinessRoomArn?: string | undefined;
  };
  PersonalPIN: string;
};

export interface ListedUser {
  readonly user: User;
  readonly seq: number;
}

/** What a page of users is restricted to; the rows come in the order of creation. */
export interface UserPage {
  readonly accountId: string;
  readonly emailKey?: string | undefined;
  readonly userType?: UserType | undefined;
  readonly afterSeq: number;
  readonly limit: number;
}

export type UserStore = ReturnType<typeof createUserStore>;

/** A row of ListUsers: it has neither InvitedOn nor PersonalPIN. */
interface ListRow {
  seq: number;
  user_id: string;
  account_id: string;
  email: string | null;
  phone: string | null;
  display_name: string | null;
  license: License;
  user_type: UserType;
  registration: RegistrationStatus;
  invitation: InviteStatus | null;
  registered_on: number | null;
  alexa_enabled: number;
  alexa_room_arn: string | null;
}

/** ListRows as a JSON text. */
interface PageRow {
  rows: string;
}

interface UserRow extends ListRow {
  invited_on: number | null;
  pin: string;
}

const listColumns = [
  "seq",
  "user_id",
  "account_id",
  "email",
  "phone",
  "display_name",
  "license",
  "user_type",
  "registration",
  "invitation",
  "registered_on",
  "alexa_enabled",
  "alexa_room_arn",
] as const satisfies readonly (keyof ListRow)[];

/** A page as one JSON text: 200 rows of 13 values take three times as long to come over from SQLite one by one. */
function pageQuery(condition: string): string {
  const row = listColumns.map((column) => `'${column}', ${column}`).join(", ");
  return `SELECT json_group_array(json_object(${row})) AS rows FROM (SELECT * FROM users WHERE ${condition})`;
}

/** Exported so that a test can ask SQLite how it runs them: each must search an index, and neither scan nor sort. */
export const userQueries = {
  find: `SELECT ${listColumns}, invited_on, pin FROM users WHERE user_id = ? AND account_id = ?`,
  byEmail: `SELECT ${listColumns}, invited_on, pin FROM users WHERE email_key = ?`,
  page: pageQuery("account_id = ? AND seq > ? ORDER BY seq LIMIT ?"),
  pageByType: pageQuery("account_id = ? AND user_type = ? AND seq > ? ORDER BY seq LIMIT ?"),
  pageByEmail: pageQuery(
    "email_key = ? AND account_id = ? AND seq > ? AND user_type = ifnull(?, user_type) LIMIT ?",
  ),
};

export function createUserStore(database: Database) {
  const find = database.prepare<UserRow>(userQueries.find);
  const byEmail = database.prepare<UserRow>(userQueries.byEmail);
  const page = database.prepare<PageRow>(userQueries.page);
  const pageByType = database.prepare<PageRow>(userQueries.pageByType);
  const pageByEmail = database.prepare<PageRow>(userQueries.pageByEmail);
  const insert = database.prepare(
    `INSERT INTO users (user_id, account_id, email, email_key, phone, display_name, license, user_type, registration,
       invitation, registered_on, invited_on, alexa_enabled, alexa_room_arn, pin)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = database.prepare(
    `UPDATE users SET license = ?, user_type = ?, invitation = ?, invited_on = ?, alexa_enabled = ?,
       alexa_room_arn = ?, pin = ? WHERE user_id = ?`,
  );
  const clear = database.prepare("DELETE FROM users");

  function readPage({ accountId, emailKey, userType, afterSeq, limit }: UserPage): PageRow | undefined {
    if (emailKey !== undefined)
      return pageByEmail.get(emailKey, accountId, afterSeq, userType ?? null, limit);
    if (userType !== undefined) return pageByType.get(accountId, userType, afterSeq, limit);
    return page.get(accountId, afterSeq, limit);
  }

  return {
    find(accountId: string, userId: string): StoredUser | undefined {
      const row = find.get(userId, accountId);
      return row && toUser(row);
    },
    /** The one user of any account who has this address. */
    byEmail(emailKey: string): StoredUser | undefined {
      const row = byEmail.get(emailKey);
      return row && toUser(row);
    },
    page(restriction: UserPage): ListedUser[] {
      const rows = JSON.parse(readPage(restriction)?.rows ?? "[]") as ListRow[];
      return rows.map((row) => ({ user: toListedUser(row), seq: row.seq }));
    },
    insert(user: StoredUser): void {
      insert.run(...insertValues(user));
    },
    /** Stores what can change of a user: all but ids, address, number, name and registration. */
    update(user: StoredUser): void {
      update.run(
        user.LicenseType,
        user.UserType,
        user.UserInvitationStatus ?? null,
        user.InvitedOn?.getTime() ?? null,
        Number(user.AlexaForBusinessMetadata.IsAlexaForBusinessEnabled),
        user.AlexaForBusinessMetadata.AlexaForBusinessRoomArn ?? null,
        user.PersonalPIN,
        user.UserId,
      );
    },
    clear: (): void => clear.run(),
  };
}

function insertValues(user: StoredUser): Value[] {
  return [
    user.UserId,
    user.AccountId,
    user.PrimaryEmail ?? null,
    user.PrimaryEmail === undefined ? null : caseKey(user.PrimaryEmail),
    user.PrimaryProvisionedNumber ?? null,
    user.DisplayName ?? null,
    user.LicenseType,
    user.UserType,
    user.UserRegistrationStatus,
    user.UserInvitationStatus ?? null,
    user.RegisteredOn?.getTime() ?? null,
    user.InvitedOn?.getTime() ?? null,
    Number(user.AlexaForBusinessMetadata.IsAlexaForBusinessEnabled),
    user.AlexaForBusinessMetadata.AlexaForBusinessRoomArn ?? null,
    user.PersonalPIN,
  ];
}

function toUser(row: UserRow): StoredUser {
  return { ...toListedUser(row), InvitedOn: toDate(row.invited_on), PersonalPIN: row.pin };
}

function toListedUser(row: ListRow): Omit<StoredUser, "InvitedOn" | "PersonalPIN"> {
  return {
    UserId: row.user_id,
    AccountId: row.account_id,
    PrimaryEmail: row.email ?? undefined,
    PrimaryProvisionedNumber: row.phone ?? undefined,
    DisplayName: row.display_name ?? undefined,
    LicenseType: row.license,
    UserType: row.user_type,
    UserRegistrationStatus: row.registration,
    UserInvitationStatus: row.invitation ?? undefined,
    RegisteredOn: toDate(row.registered_on),
    AlexaForBusinessMetadata: {
      IsAlexaForBusinessEnabled: row.alexa_enabled === 1,
      AlexaForBusinessRoomArn: row.alexa_room_arn ?? undefined,
    },
  };
}

function toDate(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds);
}
