import { sendHttp } from "./http.js";

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [key: string]: unknown };
}

/** A GraphQL response. */
export interface Answer {
  // Tests compare data as a whole: a type would repeat it.
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  readonly data?: any;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly chime?: unknown; readonly omittedErrors?: number };
}

/** Posts a GraphQL request as a client would. @param url the gateway's, without a path */
export async function ask(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await sendHttp("POST", `${url}/graphql`, { body, headers, signal });
  return JSON.parse(response.body) as Answer;
}

/** Each user is a GetUser call of its own: lists carry no PIN. */
export const usersQuery = `query ($accountId: ID!, $userIds: [ID!]!) {
  users(accountId: $accountId, userIds: $userIds) { personalPin }
}`;

/** The same, of one user. */
export const userQuery = `query ($accountId: ID!, $userId: ID!) {
  user(accountId: $accountId, userId: $userId) { primaryEmail personalPin }
}`;
