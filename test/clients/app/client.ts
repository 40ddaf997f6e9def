import { ApolloClient, type ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

export const createClient = (uri: string, link: ApolloLink = new HttpLink({ uri })) =>
  new ApolloClient({
    link,
    cache: new InMemoryCache({
      // Without it the cache drops what `... on Node { … }` selects.
      possibleTypes: { Node: ["Account", "User"] },
      typePolicies: {
        // Pages of one list, that is, with the same filters, are joined.
        Query: { fields: { accounts: relayStylePagination(["namePrefix", "userEmail"]) } },
        Account: {
          fields: {
            users: relayStylePagination(["userEmail", "userType", "filter"]),
            rooms: relayStylePagination(["memberId"]),
            phoneNumbers: relayStylePagination(["status", "productType"]),
          },
        },
        Room: { fields: { memberships: relayStylePagination() } },
        // They have no id: what two queries select of them is merged.
        AlexaForBusinessMetadata: { merge: true },
        AccountSettings: { merge: true },
        RetentionSettings: { merge: true },
        TelephonySettings: { merge: true },
        UserSettings: { merge: true },
      },
    }),
  });
