import type { ApolloClient } from "@apollo/client";
import type { PutRetentionSettingsInput } from "./gql/graphql.js";
import { graphql } from "./gql/index.js";

const PutRetentionSettings = graphql(`
  mutation PutRetentionSettings($input: PutRetentionSettingsInput!) {
    putRetentionSettings(input: $input) {
      outcome
      errors {
        code
        message
        path
      }
    }
  }
`);

/**
 * Sets how long chat messages are kept. If a period becomes shorter, it asks for a confirmation before it tries again.
 *
 * @param confirm asks the person at the screen whether messages may be deleted
 */
export async function setRetention(
  client: ApolloClient,
  input: PutRetentionSettingsInput,
  confirm: () => Promise<boolean>,
) {
  const { data, error } = await client.mutate({
    mutation: PutRetentionSettings,
    variables: { input },
    errorPolicy: "all",
  });
  if (!data?.putRetentionSettings) throw error ?? new Error("The response has no payload.");
  const { outcome, errors } = data.putRetentionSettings;
  const needsConfirmation = errors.some(({ code }) => code === "PRECONDITION_FAILED");
  if (needsConfirmation && !input.mayDelete && (await confirm()))
    return setRetention(client, { ...input, mayDelete: true }, confirm);
  return { outcome, errors };
}
