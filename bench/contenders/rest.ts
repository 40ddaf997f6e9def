/** The baseline: a REST endpoint for each query, written by hand for what the query needs. */
import {
  type Account,
  GetAccountCommand,
  GetRoomCommand,
  GetUserCommand,
  License,
  ListAccountsCommand,
  NotFoundException,
  type User,
} from "@aws-sdk/client-chime";
import { fastify } from "fastify";
import { chime, nameOf, valuesOf } from "./chime.js";
import {
  findUser,
  getSettings,
  listMemberships,
  listPhoneNumbers,
  listUsers,
  type RoomKey,
  userKeyOf,
} from "./loaders.js";
import { updateLicenses } from "./writes.js";

interface OfAccount {
  readonly accountId: string;
}
interface OfUsers extends OfAccount {
  readonly userIds: readonly string[];
}

const app = fastify();

app.post<{ Body: OfAccount }>("/Q1", async ({ body: { accountId } }) => {
  const account = await getAccount(accountId);
  return {
    account: account && {
      name: account.Name,
      accountType: nameOrNull(account.AccountType),
      defaultLicense: nameOrNull(account.DefaultLicense),
      supportedLicenses: (account.SupportedLicenses ?? []).map(nameOf),
      signinDelegateGroups: groupsOf(account),
    },
  };
});

app.post<{ Body: OfAccount }>("/Q2", async ({ body: { accountId } }) => {
  const [account, users] = await Promise.all([getAccount(accountId), listUsers(accountId, 100)]);
  return {
    account: account && {
      name: account.Name,
      users: {
        nodes: users.nodes.map((user) => ({
          ...briefly(user),
          userId: user.UserId,
          accountId: user.AccountId,
          primaryProvisionedNumber: user.PrimaryProvisionedNumber ?? null,
          userType: nameOrNull(user.UserType),
          userRegistrationStatus: nameOrNull(user.UserRegistrationStatus),
          userInvitationStatus: nameOrNull(user.UserInvitationStatus),
          registeredOn: user.RegisteredOn?.toISOString() ?? null,
          alexaForBusinessMetadata: user.AlexaForBusinessMetadata
            ? {
                isAlexaForBusinessEnabled: user.AlexaForBusinessMetadata.IsAlexaForBusinessEnabled ?? null,
                alexaForBusinessRoomArn: user.AlexaForBusinessMetadata.AlexaForBusinessRoomArn ?? null,
              }
            : null,
        })),
      },
    },
  };
});

for (const path of ["/Q3", "/Q4"])
  app.post<{ Body: OfUsers }>(path, async ({ body: { accountId, userIds } }) => {
    const distinct = [...new Set(userIds)];
    const users = await Promise.all(distinct.map((userId) => getUser(accountId, userId)));
    const byId = new Map(distinct.map((userId, index) => [userId, users[index] ?? null]));
    return {
      users: userIds.map((userId) => {
        const user = byId.get(userId);
        return user ? briefly(user) : null;
      }),
    };
  });

app.post<{ Body: OfAccount }>("/Q5", async ({ body: { accountId } }) => {
  const [account, users] = await Promise.all([getAccount(accountId), listUsers(accountId, 1000)]);
  return {
    account: account && {
      name: account.Name,
      users: {
        nodes: users.nodes.map((user) => ({ ...briefly(user), userId: user.UserId })),
        pageInfo: { hasNextPage: users.more },
      },
    },
  };
});

app.post<{ Body: { readonly emails: readonly string[] } }>("/Q6", async ({ body: { emails } }) => ({
  _entities: (await Promise.all(emails.map(findUser))).map((user) => user && briefly(user)),
}));

app.post<{ Body: { readonly namePrefix: string } }>("/Q7", async ({ body: { namePrefix } }) => {
  const { Accounts = [] } = await chime.send(new ListAccountsCommand({ MaxResults: 10, Name: namePrefix }));
  const nodes = Accounts.map(async ({ AccountId = "", Name: name }) => {
    const users = await listUsers(AccountId, 50);
    return { name, users: { nodes: users.nodes.map((user) => ({ ...briefly(user), account: { name } })) } };
  });
  return { accounts: { nodes: await Promise.all(nodes) } };
});

app.post<{ Body: RoomKey }>("/Q8", async ({ body }) => {
  const [room, memberships] = await Promise.all([getRoom(body), listMemberships(body, 150)]);
  return {
    room: room && {
      name: room.Name ?? null,
      memberships: {
        nodes: memberships.nodes.map(({ Role, Member }) => ({
          role: nameOrNull(Role),
          member: Member
            ? {
                memberId: Member.MemberId,
                fullName: Member.FullName ?? null,
                email: Member.Email ?? null,
              }
            : null,
        })),
      },
    },
  };
});

app.post<{ Body: OfAccount }>("/Q9", async ({ body: { accountId } }) => {
  const [account, numbers, users] = await Promise.all([
    getAccount(accountId),
    listPhoneNumbers(accountId, 50),
    // The page with most users that one call returns. Those of other pages are read one by one.
    listUsers(accountId, 200),
  ]);
  const byId = new Map(users.nodes.map((user) => [user.UserId, user]));
  const nodes = numbers.nodes.map(async (number) => {
    const userId = userKeyOf(number)?.userId;
    const user = userId ? (byId.get(userId) ?? (await getUser(accountId, userId))) : null;
    return {
      e164PhoneNumber: number.E164PhoneNumber,
      callingName: number.CallingName ?? null,
      user: user ? briefly(user) : null,
    };
  });
  return { account: account && { phoneNumbers: { nodes: await Promise.all(nodes) } } };
});

app.post<{ Body: OfAccount }>("/Q10", async ({ body: { accountId } }) => {
  const [account, settings, users, numbers] = await Promise.all([
    getAccount(accountId),
    getSettings(accountId),
    listUsers(accountId, 50),
    listPhoneNumbers(accountId, 20),
  ]);
  return {
    account: account && {
      name: account.Name,
      accountType: nameOrNull(account.AccountType),
      defaultLicense: nameOrNull(account.DefaultLicense),
      settings: settings
        ? {
            disableRemoteControl: settings.DisableRemoteControl ?? null,
            enableDialOut: settings.EnableDialOut ?? null,
          }
        : null,
      signinDelegateGroups: groupsOf(account),
      users: { nodes: users.nodes.map((user) => ({ ...briefly(user), userId: user.UserId })) },
      phoneNumbers: {
        nodes: numbers.nodes.map(({ E164PhoneNumber, Status }) => ({
          e164PhoneNumber: E164PhoneNumber,
          status: nameOrNull(Status),
        })),
      },
    },
  };
});

app.post<{ Body: { readonly input: OfAccount & { readonly updateUserRequestItems: readonly Update[] } } }>(
  "/M1",
  async ({ body: { input } }) => {
    const errors = await updateLicenses(
      input.accountId,
      input.updateUserRequestItems.map(({ userId, licenseType }) => ({
        userId,
        licenseType: licenses[licenseType] ?? License.Basic,
      })),
    );
    return { batchUpdateUser: { userErrors: errors.map(({ UserId }) => ({ userId: UserId })) } };
  },
);

/** The lookup of the throttling loads. */
app.post<{ Body: OfAccount & { readonly userId: string } }>(
  "/user",
  async ({ body: { accountId, userId } }) => {
    const user = await getUser(accountId, userId);
    return {
      user: user && { primaryEmail: user.PrimaryEmail ?? null, personalPin: user.PersonalPIN ?? null },
    };
  },
);

interface Update {
  readonly userId: string;
  readonly licenseType: string;
}

const licenses = valuesOf(License);

const getAccount = (accountId: string) =>
  chime.send(new GetAccountCommand({ AccountId: accountId })).then(({ Account }) => Account, nullIfMissing);

const getUser = (accountId: string, userId: string) =>
  chime
    .send(new GetUserCommand({ AccountId: accountId, UserId: userId }))
    .then(({ User }) => User, nullIfMissing);

const getRoom = ({ accountId, roomId }: RoomKey) =>
  chime
    .send(new GetRoomCommand({ AccountId: accountId, RoomId: roomId }))
    .then(({ Room }) => Room, nullIfMissing);

const nullIfMissing = (error: unknown): null => {
  if (error instanceof NotFoundException) return null;
  throw error;
};

const nameOrNull = (value: string | undefined) => (value === undefined ? null : nameOf(value));

const groupsOf = ({ SigninDelegateGroups = [] }: Account) =>
  SigninDelegateGroups.map(({ GroupName }) => ({ groupName: GroupName }));

const briefly = (user: User) => ({
  displayName: user.DisplayName ?? null,
  primaryEmail: user.PrimaryEmail ?? null,
  licenseType: nameOrNull(user.LicenseType),
});

console.log(JSON.stringify({ msg: "started", url: await app.listen({ host: "127.0.0.1", port: 0 }) }));
