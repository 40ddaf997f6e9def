import { AccountType } from "@aws-sdk/client-chime";
import type { ChimeAccount } from "../../../chime/models.js";

/** Null without a call for a Team account, which Chime would reject. An account without a known type is asked for. */
export const unlessTeam = <Result>(
  { AccountType: type }: ChimeAccount,
  read: () => Promise<Result>,
): Promise<Result> | null => (type === AccountType.Team ? null : read());
