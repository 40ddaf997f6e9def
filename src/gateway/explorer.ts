import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";

/** What a newcomer sees first, ready to run: it needs no ids. */
const exampleQuery = `query Accounts {
  accounts(first: 5) {
    nodes {
      accountId
      name
      accountType
      supportedLicenses
      signinDelegateGroups {
        groupName
      }
      users(first: 3) {
        nodes {
          userId
          displayName
          primaryEmail
          licenseType
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

/** The page that a browser gets at /graphql: Apollo Sandbox, which Apollo serves from the internet, or none. */
export const createLandingPage = (explorer: boolean) =>
  explorer
    ? ApolloServerPluginLandingPageLocalDefault({
        document: exampleQuery,
        footer: false,
        embed: { runTelemetry: false, endpointIsEditable: false },
      })
    : ApolloServerPluginLandingPageDisabled();
