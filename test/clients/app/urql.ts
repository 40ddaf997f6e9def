import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

/** They have no id: the cache keeps them with the object that has them. */
const embedded = () => null;

/** @param getToken the caller's token, if the gateway requires tokens */
export const createUrqlClient = (url: string, getToken?: () => string) =>
  new Client({
    url,
    fetchOptions: () => (getToken ? { headers: { authorization: `Bearer ${getToken()}` } } : {}),
    exchanges: [
      cacheExchange({
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
        // Pages of one list, that is, with the same filters, are joined.
        resolvers: {
          Query: { accounts: relayPagination() },
          Account: { users: relayPagination() },
        },
        updates: {
          Mutation: {
            deleteAccount({ deleteAccount }, _args, cache) {
              const { deletedId } = deleteAccount as { deletedId?: string | null };
              if (deletedId) cache.invalidate({ __typename: "Account", id: deletedId });
            },
          },
        },
      }),
      fetchExchange,
    ],
  });
