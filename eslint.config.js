import { readdirSync, readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import graphql from "@graphql-eslint/eslint-plugin";
import { parse, printSchema } from "graphql";

const sdl = readdirSync("schema").map((file) => readFileSync(`schema/${file}`, "utf8"));
/** With the directives of Federation, which the SDL imports by `@link`. */
const schema = printSchema(buildSubgraphSchema({ typeDefs: parse(sdl.join("\n")) }));

/** The public contract as a document: `schema/*.graphql` alone. Code is Biome's. */
export default [
  {
    files: ["schema/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema } },
    },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      // One line stands in quotes, more in a block.
      "@graphql-eslint/description-style": "off",
      // Names follow the Chime API: `Account.accountType` is its AccountType.
      "@graphql-eslint/no-typename-prefix": "off",
      // Chime's lists run forwards only: there is no `last` and no `before`.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // Lists that are no connections are short, or as long as what was asked for. Types with a scope of their own do not
      // implement Node: a composer would require that scope of Node itself.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
      ],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            // What came of an operation, places in lists, and counts.
            suffixes: ["Payload", "Result", "Connection", "Edge", "Error", "Count"],
            // Parts of others, and an invitation, which Chime does not keep.
            types: [
              "PageInfo",
              "SigninDelegateGroup",
              "AccountSettings",
              "RetentionSettings",
              "RoomRetentionSettings",
              "ConversationRetentionSettings",
              "AlexaForBusinessMetadata",
              "Invite",
              "BusinessCallingSettings",
              "VoiceConnectorSettings",
              "UserSettings",
              "UserSummary",
              "TelephonySettings",
              "Member",
              "EventsConfiguration",
              "PhoneNumberCapabilities",
              "PhoneNumberAssociation",
              "OrderedPhoneNumber",
              "AvailablePhoneNumber",
              "PhoneNumberCountry",
            ],
          },
        },
      ],
    },
  },
];
