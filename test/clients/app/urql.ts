import { Client, fetchExchange } from "@urql/core";
import { type CacheExchangeOpts, cacheExchange, type UpdateResolver } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

/** They have no id: the cache keeps them with the object that has them. */
const embedded = () => null;

/** Joins the pages of one list, that is, with the same filters. */
const pages = relayPagination();

/** Removes from the cache what a mutation has deleted. */
const forget =
  (__typename: string): UpdateResolver =>
  (data, _args, cache, { fieldName }) => {
    const payload = data[fieldName] as { deletedId?: string | null } | null;
    if (payload?.deletedId) cache.invalidate({ __typename, id: payload.deletedId });
  };

export const cacheOptions = {
  keys: {
    AccountSettings: embedded,
    AlexaForBusinessMetadata: embedded,
    AvailablePhoneNumber: embedded,
    BusinessCallingSettings: embedded,
    ConversationRetentionSettings: embedded,
    EventsConfiguration: embedded,
    LicenseTypeCount: embedded,
    Member: embedded,
    OrderedPhoneNumber: embedded,
    PhoneNumberAssociation: embedded,
    PhoneNumberCapabilities: embedded,
    PhoneNumberCountry: embedded,
    RetentionSettings: embedded,
    RoomRetentionSettings: embedded,
    SigninDelegateGroup: embedded,
    TelephonySettings: embedded,
    UserInvitationStatusCount: embedded,
    UserRegistrationStatusCount: embedded,
    UserSettings: embedded,
    UserSummary: embedded,
    UserTypeCount: embedded,
    VoiceConnectorSettings: embedded,
  },
  resolvers: {
    Query: {
      accounts: pages,
      availablePhoneNumbers: pages,
      phoneNumberOrders: pages,
      phoneNumbers: pages,
    },
    Account: { bots: pages, phoneNumbers: pages, rooms: pages, users: pages },
    Bot: { rooms: pages },
    Room: { memberships: pages },
    User: { rooms: pages },
  },
  updates: {
    Mutation: {
      deleteAccount: forget("Account"),
      deleteRoom: forget("Room"),
      deleteRoomMembership: forget("RoomMembership"),
    },
  },
} satisfies CacheExchangeOpts;

/** @param getToken the caller's token, if the gateway requires tokens */
export const createUrqlClient = (url: string, getToken?: () => string) =>
  new Client({
    url,
    fetchOptions: () => (getToken ? { headers: { authorization: `Bearer ${getToken()}` } } : {}),
    exchanges: [cacheExchange(cacheOptions), fetchExchange],
  });
