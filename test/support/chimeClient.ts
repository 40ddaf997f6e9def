import {
  type Account,
  AssociateSigninDelegateGroupsWithAccountCommand,
  ChimeClient,
  CreateAccountCommand,
  CreateUserCommand,
  GetAccountCommand,
  GetAccountSettingsCommand,
  GetUserCommand,
  GetUserSettingsCommand,
  InviteUsersCommand,
  ListAccountsCommand,
  ListRoomMembershipsCommand,
  ListUsersCommand,
  type ListUsersCommandInput,
  NotFoundException,
  UpdateAccountSettingsCommand,
  UpdateUserSettingsCommand,
  type User,
} from "@aws-sdk/client-chime";

// The SDK is pinned: that its later versions need a later Node is not of interest here.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

/** The AWS SDK's client of an embedded Chime, past the gateway: it prepares data and reads the truth. It never retries. */
export class ChimeTestClient extends ChimeClient {
  /** @param url the embedded Chime's */
  constructor(readonly url: string) {
    super({
      region: "us-east-1",
      endpoint: url,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } },
    });
  }

  /** @returns the account's id */
  async createAccount(name: string): Promise<string> {
    const { Account } = await this.send(new CreateAccountCommand({ Name: name }));
    return Account?.AccountId ?? "";
  }

  /** Creates an account with this many users. */
  async createPeople(count: number, name = "People"): Promise<{ accountId: string; userIds: string[] }> {
    const accountId = await this.createAccount(name);
    const emails = Array.from({ length: count }, (_, index) => `person-${index}@${accountId}.example.com`);
    for (let start = 0; start < count; start += 50)
      await this.send(
        new InviteUsersCommand({ AccountId: accountId, UserEmailList: emails.slice(start, start + 50) }),
      );
    return { accountId, userIds: (await this.users(accountId)).map(({ UserId }) => UserId ?? "") };
  }

  async createUser(accountId: string, name: string, email: string): Promise<void> {
    await this.send(new CreateUserCommand({ AccountId: accountId, Username: name, Email: email }));
  }

  /** Invites a suspended user of a Team account again, which ends the suspension. */
  async inviteAgain(accountId: string, userId: string): Promise<void> {
    const { PrimaryEmail = "" } = await this.user(accountId, userId);
    await this.send(new InviteUsersCommand({ AccountId: accountId, UserEmailList: [PrimaryEmail] }));
  }

  /** Sets all of a user's telephony settings. */
  async setTelephony(accountId: string, userId: string, isOn: boolean): Promise<void> {
    const Telephony = { InboundCalling: isOn, OutboundCalling: isOn, SMS: isOn };
    await this.send(
      new UpdateUserSettingsCommand({ AccountId: accountId, UserId: userId, UserSettings: { Telephony } }),
    );
  }

  async sms(accountId: string, userId: string): Promise<boolean> {
    const { UserSettings } = await this.send(
      new GetUserSettingsCommand({ AccountId: accountId, UserId: userId }),
    );
    return UserSettings?.Telephony?.SMS ?? false;
  }

  async setDialOut(accountId: string, isOn: boolean): Promise<void> {
    await this.send(
      new UpdateAccountSettingsCommand({ AccountId: accountId, AccountSettings: { EnableDialOut: isOn } }),
    );
  }

  async dialOut(accountId: string): Promise<boolean> {
    const { AccountSettings } = await this.send(new GetAccountSettingsCommand({ AccountId: accountId }));
    return AccountSettings?.EnableDialOut ?? false;
  }

  async isDeleted(accountId: string): Promise<boolean> {
    const isMissing = (error: unknown) => error instanceof NotFoundException;
    return this.send(new GetAccountCommand({ AccountId: accountId })).then(() => false, isMissing);
  }

  async addGroup(accountId: string, name: string): Promise<void> {
    await this.send(
      new AssociateSigninDelegateGroupsWithAccountCommand({
        AccountId: accountId,
        SigninDelegateGroups: [{ GroupName: name }],
      }),
    );
  }

  /** @param count how many at least, if there are that many; all if absent */
  async users(
    accountId: string,
    filters: Partial<ListUsersCommandInput> = {},
    count = Number.POSITIVE_INFINITY,
  ): Promise<User[]> {
    const users: User[] = [];
    let token: string | undefined;
    do {
      const { Users = [], NextToken } = await this.send(
        new ListUsersCommand({ AccountId: accountId, MaxResults: 200, NextToken: token, ...filters }),
      );
      users.push(...Users);
      token = NextToken;
    } while (token && users.length < count);
    return users;
  }

  usersByEmail(accountId: string, email: string): Promise<User[]> {
    return this.users(accountId, { UserEmail: email });
  }

  async user(accountId: string, userId: string): Promise<User> {
    const { User } = await this.send(new GetUserCommand({ AccountId: accountId, UserId: userId }));
    if (!User) throw new Error(`Chime has no user ${userId}.`);
    return User;
  }

  async account(accountId: string): Promise<Account> {
    const { Account } = await this.send(new GetAccountCommand({ AccountId: accountId }));
    if (!Account) throw new Error(`Chime has no account ${accountId}.`);
    return Account;
  }

  /** The roles of a room's members by id. */
  async members(accountId: string, roomId: string): Promise<Map<string, string | undefined>> {
    const roles = new Map<string, string | undefined>();
    let token: string | undefined;
    do {
      const { RoomMemberships = [], NextToken } = await this.send(
        new ListRoomMembershipsCommand({
          AccountId: accountId,
          RoomId: roomId,
          MaxResults: 99,
          NextToken: token,
        }),
      );
      for (const { Member, Role } of RoomMemberships) roles.set(Member?.MemberId ?? "", Role);
      token = NextToken;
    } while (token);
    return roles;
  }

  /** The accounts whose names begin with this. */
  async accountsByPrefix(prefix: string): Promise<Account[]> {
    const accounts: Account[] = [];
    let token: string | undefined;
    do {
      const { Accounts = [], NextToken } = await this.send(
        new ListAccountsCommand({ Name: prefix, MaxResults: 200, NextToken: token }),
      );
      accounts.push(...Accounts);
      token = NextToken;
    } while (token);
    return accounts;
  }

  async accountsNamed(name: string): Promise<Account[]> {
    return (await this.accountsByPrefix(name)).filter(({ Name }) => Name === name);
  }
}
