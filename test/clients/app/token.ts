import { HttpLink } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";

/** @param getToken the caller's token, from the library that signs people in and renews their tokens */
export const createTokenLink = (uri: string, getToken: () => Promise<string>) =>
  new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${await getToken()}` },
  })).concat(new HttpLink({ uri }));
