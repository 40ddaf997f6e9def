import { startOnResponses } from "./fixture.js";

/** A gateway on an account of 40 users, one on each of Chime's pages, of whom u12 and u35 alone have a Pro license. */
export const startSparseAccount = (): Promise<string> =>
  startOnResponses(({ pathname, searchParams }) => {
    if (!pathname.endsWith("/users")) return { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } };
    const page = Number(searchParams.get("next-token") ?? 0);
    const LicenseType = page === 12 || page === 35 ? "Pro" : "Basic";
    return { Users: [{ UserId: `u${page}`, LicenseType }], ...(page < 39 && { NextToken: `${page + 1}` }) };
  });
