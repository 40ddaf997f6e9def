import { ApolloClient, type ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

/** Joins the pages of one list. With another filter, which is every other argument, it is another list. */
const pages = relayStylePagination((args) =>
  Object.keys(args ?? {})
    .filter((name) => name !== "first" && name !== "after")
    .sort(),
);

export const createClient = (uri: string, link: ApolloLink = new HttpLink({ uri })) =>
  new ApolloClient({
    link,
    cache: new InMemoryCache({
      // Without it the cache drops what `... on Node { … }` selects.
      possibleTypes: { Node: ["Account", "User"] },
      typePolicies: {
        Query: {
          fields: {
            accounts: pages,
            availablePhoneNumbers: pages,
            phoneNumberOrders: pages,
            phoneNumbers: pages,
          },
        },
        Account: { fields: { bots: pages, phoneNumbers: pages, rooms: pages, users: pages } },
        Bot: { fields: { rooms: pages } },
        Room: { fields: { memberships: pages } },
        User: { fields: { rooms: pages } },
        // They have no id: what two queries select of them is merged.
        AccountSettings: { merge: true },
        AlexaForBusinessMetadata: { merge: true },
        BusinessCallingSettings: { merge: true },
        ConversationRetentionSettings: { merge: true },
        EventsConfiguration: { merge: true },
        Member: { merge: true },
        PhoneNumberCapabilities: { merge: true },
        RetentionSettings: { merge: true },
        RoomRetentionSettings: { merge: true },
        TelephonySettings: { merge: true },
        UserSettings: { merge: true },
        UserSummary: { merge: true },
        VoiceConnectorSettings: { merge: true },
      },
    }),
  });
