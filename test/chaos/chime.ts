import { exchange } from "./http.js";

/** What the chaos run looks at of a user, and of an account. */
export interface ChimeUser {
  readonly UserId: string;
  readonly DisplayName?: string;
  readonly PrimaryEmail?: string;
  readonly PersonalPIN?: string;
  readonly UserRegistrationStatus?: string;
  readonly AlexaForBusinessMetadata?: { readonly AlexaForBusinessRoomArn?: string };
}
export interface ChimeAccount {
  readonly AccountId: string;
  readonly Name: string;
  readonly SigninDelegateGroups?: readonly { readonly GroupName: string }[];
}

/** Chime itself, past the gateway: sets the scene, and is asked for the truth. Nothing is repeated. */
export type Chime = ReturnType<typeof createChime>;

export function createChime(url: string) {
  async function send<Output>(method: string, path: string, input?: object): Promise<Output> {
    const { status, body } = await exchange(method, url + path, input);
    if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${body}`);
    return JSON.parse(body || "{}") as Output;
  }

  async function users(accountId: string, filters: Record<string, string> = {}): Promise<ChimeUser[]> {
    const found: ChimeUser[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({
        "max-results": "200",
        ...filters,
        ...(token && { "next-token": token }),
      });
      const page = await send<{ Users: ChimeUser[]; NextToken?: string }>(
        "GET",
        `/accounts/${accountId}/users?${query}`,
      );
      found.push(...page.Users);
      token = page.NextToken;
    } while (token);
    return found;
  }

  async function createAccount(name: string): Promise<string> {
    const { Account } = await send<{ Account: ChimeAccount }>("POST", "/accounts", { Name: name });
    return Account.AccountId;
  }

  return {
    createAccount,

    /** An account with so many users. */
    async createPeople(count: number, name = "People"): Promise<{ accountId: string; userIds: string[] }> {
      const accountId = await createAccount(name);
      const emails = Array.from({ length: count }, (_, index) => `person-${index}@${accountId}.example.com`);
      for (let start = 0; start < count; start += 50)
        await send("POST", `/accounts/${accountId}/users?operation=add`, {
          UserEmailList: emails.slice(start, start + 50),
        });
      return { accountId, userIds: (await users(accountId)).map(({ UserId }) => UserId) };
    },

    async createUser(accountId: string, name: string, email: string): Promise<void> {
      await send("POST", `/accounts/${accountId}/users?operation=create`, { Username: name, Email: email });
    },

    async addGroup(accountId: string, name: string): Promise<void> {
      await send("POST", `/accounts/${accountId}?operation=associate-signin-delegate-groups`, {
        SigninDelegateGroups: [{ GroupName: name }],
      });
    },

    async suspend(accountId: string, userId: string): Promise<void> {
      await send("POST", `/accounts/${accountId}/users?operation=suspend`, { UserIdList: [userId] });
    },

    /** Invites a suspended user of a Team account again, which ends the suspension. */
    async inviteAgain(accountId: string, userId: string): Promise<void> {
      const { User } = await send<{ User: ChimeUser }>("GET", `/accounts/${accountId}/users/${userId}`);
      await send("POST", `/accounts/${accountId}/users?operation=add`, {
        UserEmailList: [User.PrimaryEmail],
      });
    },

    /** Sets a user's telephony settings: all of them on, or all off. */
    async setTelephony(accountId: string, userId: string, isOn: boolean): Promise<void> {
      await send("PUT", `/accounts/${accountId}/users/${userId}/settings`, {
        UserSettings: { Telephony: { InboundCalling: isOn, OutboundCalling: isOn, SMS: isOn } },
      });
    },

    async sms(accountId: string, userId: string): Promise<boolean> {
      const { UserSettings } = await send<{ UserSettings: { Telephony: { SMS: boolean } } }>(
        "GET",
        `/accounts/${accountId}/users/${userId}/settings`,
      );
      return UserSettings.Telephony.SMS;
    },

    async setDialOut(accountId: string, isOn: boolean): Promise<void> {
      await send("PUT", `/accounts/${accountId}/settings`, { AccountSettings: { EnableDialOut: isOn } });
    },

    async dialOut(accountId: string): Promise<boolean> {
      const { AccountSettings } = await send<{ AccountSettings: { EnableDialOut: boolean } }>(
        "GET",
        `/accounts/${accountId}/settings`,
      );
      return AccountSettings.EnableDialOut;
    },

    async isDeleted(accountId: string): Promise<boolean> {
      return (await exchange("GET", `${url}/accounts/${accountId}`)).status === 404;
    },

    users,
    usersByEmail: (accountId: string, email: string) => users(accountId, { "user-email": email }),

    async user(accountId: string, userId: string): Promise<ChimeUser> {
      return (await send<{ User: ChimeUser }>("GET", `/accounts/${accountId}/users/${userId}`)).User;
    },

    async account(accountId: string): Promise<ChimeAccount> {
      return (await send<{ Account: ChimeAccount }>("GET", `/accounts/${accountId}`)).Account;
    },

    async accountsNamed(name: string): Promise<ChimeAccount[]> {
      const query = new URLSearchParams({ name });
      const { Accounts } = await send<{ Accounts: ChimeAccount[] }>("GET", `/accounts?${query}`);
      return Accounts.filter(({ Name }) => Name === name);
    },
  };
}
