import {
  type AccountSettings,
  AccountType,
  type GetRetentionSettingsResponse,
  type RetentionSettings,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import type { Store } from "../store/store.js";
import { findAccount, requireAccountType } from "./accounts.js";

export type Retention = GetRetentionSettingsResponse & { RetentionSettings: RetentionSettings };

/** The grace period of the Administration Guide, during which a shorter retention can be taken back. */
const gracePeriodMs = 30 * 24 * 60 * 60 * 1000;
const { EnterpriseDirectory, EnterpriseLWA, EnterpriseOIDC } = AccountType;
const forever: Retention = {
  RetentionSettings: { RoomRetentionSettings: {}, ConversationRetentionSettings: {} },
};

export function accountSettingsOperations(store: Store) {
  const settings = store.collection<AccountSettings>("accountSettings");
  const retentions = store.collection<Retention>("retention");

  function getSettings(accountId: string): AccountSettings {
    findAccount(store, accountId);
    return { DisableRemoteControl: false, EnableDialOut: false, ...settings.find(accountId, "") };
  }

  /** AWS documents that it is for Enterprise accounts, not which error others get. */
  function getRetention(accountId: string): Retention {
    requireAccountType(findAccount(store, accountId), EnterpriseDirectory, EnterpriseLWA, EnterpriseOIDC);
    return retentions.find(accountId, "") ?? forever;
  }

  return {
    GetAccountSettings: ({ AccountId }) => ({ AccountSettings: getSettings(AccountId) }),

    /** Assumption: an absent member keeps its value. */
    UpdateAccountSettings({ AccountId, AccountSettings }) {
      settings.save(AccountId, "", { ...getSettings(AccountId), ...AccountSettings });
      return {};
    },

    GetRetentionSettings: ({ AccountId }) => getRetention(AccountId),

    /** A structure without RetentionDays retains for ever. Assumption: so does an absent structure. */
    PutRetentionSettings({ AccountId, RetentionSettings }) {
      const current = getRetention(AccountId);
      const updated = { ...forever.RetentionSettings, ...RetentionSettings };
      const [before, after] = [daysOf(current.RetentionSettings), daysOf(updated)];
      const isShorter = after.some((days, index) => days < (before[index] ?? 0));
      const InitiateDeletionTimestamp = after.every((days) => days === Number.POSITIVE_INFINITY)
        ? undefined
        : isShorter
          ? new Date(store.now().getTime() + gracePeriodMs)
          : current.InitiateDeletionTimestamp;
      retentions.save(AccountId, "", { RetentionSettings: updated, InitiateDeletionTimestamp });
      return {};
    },
  } satisfies Partial<Operations>;
}

function daysOf({ RoomRetentionSettings, ConversationRetentionSettings }: RetentionSettings): number[] {
  return [RoomRetentionSettings, ConversationRetentionSettings].map(
    (settings) => settings?.RetentionDays ?? Number.POSITIVE_INFINITY,
  );
}
