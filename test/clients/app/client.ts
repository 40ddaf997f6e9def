import { ApolloClient, type ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

export const createClient = (uri: string, link: ApolloLink = new HttpLink({ uri })) =>
  new ApolloClient({
    link,
    cache: new InMemoryCache({
      typePolicies: {
        // Pages that are fetched with the same filters are joined to one list.
        Query: { fields: { accounts: relayStylePagination(["namePrefix", "userEmail"]) } },
        Account: { fields: { users: relayStylePagination(["userEmail", "userType"]) } },
      },
    }),
  });
