import type { AccountSettings, GetRetentionSettingsResponse, RetentionSettings } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import type { Store } from "../store/store.js";
import { findAccount, findEnterpriseAccount } from "./accounts.js";

export interface Retention extends GetRetentionSettingsResponse {
  readonly RetentionSettings: RetentionSettings;
  /** While a deletion is scheduled: the settings before it, which would take it back. */
  readonly former?: RetentionSettings;
}

/** The grace period of the Administration Guide, during which a shorter retention can be taken back. */
const gracePeriodMs = 30 * 24 * 60 * 60 * 1000;
const forever: RetentionSettings = { RoomRetentionSettings: {}, ConversationRetentionSettings: {} };

export function accountSettingsOperations(store: Store) {
  const settings = store.collection<AccountSettings>("accountSettings");
  const retentions = store.collection<Retention>("retention");

  function getSettings(accountId: string): AccountSettings {
    findAccount(store, accountId);
    return { DisableRemoteControl: false, EnableDialOut: false, ...settings.find(accountId, "") };
  }

  function getRetention(accountId: string): Retention {
    findEnterpriseAccount(store, accountId);
    const retention = retentions.find(accountId, "") ?? { RetentionSettings: forever };
    const { RetentionSettings, InitiateDeletionTimestamp: scheduled } = retention;
    return scheduled && scheduled > store.now() ? retention : { RetentionSettings };
  }

  return {
    GetAccountSettings: ({ AccountId }) => ({ AccountSettings: getSettings(AccountId) }),

    /** Assumption: an absent member keeps its value. */
    UpdateAccountSettings({ AccountId, AccountSettings }) {
      settings.save(AccountId, "", { ...getSettings(AccountId), ...AccountSettings });
      return {};
    },

    GetRetentionSettings({ AccountId }) {
      const { former: _, ...retention } = getRetention(AccountId);
      return retention;
    },

    /** A structure without RetentionDays retains forever. Assumption: so does an absent structure. */
    PutRetentionSettings({ AccountId, RetentionSettings }) {
      const { InitiateDeletionTimestamp: scheduled, ...current } = getRetention(AccountId);
      const { former = current.RetentionSettings } = current;
      const updated = { ...forever, ...RetentionSettings };
      const InitiateDeletionTimestamp = isShorter(updated, current.RetentionSettings)
        ? new Date(store.now().getTime() + gracePeriodMs)
        : isShorter(updated, former)
          ? scheduled
          : undefined;
      retentions.save(AccountId, "", {
        RetentionSettings: updated,
        ...(InitiateDeletionTimestamp && { InitiateDeletionTimestamp, former }),
      });
      return {};
    },
  } satisfies Partial<Operations>;
}

/** Whether one of the two periods is shorter than before. */
function isShorter(after: RetentionSettings, before: RetentionSettings): boolean {
  const daysBefore = daysOf(before);
  return daysOf(after).some((days, index) => days < (daysBefore[index] ?? 0));
}

function daysOf({ RoomRetentionSettings, ConversationRetentionSettings }: RetentionSettings): number[] {
  return [RoomRetentionSettings, ConversationRetentionSettings].map(
    (settings) => settings?.RetentionDays ?? Number.POSITIVE_INFINITY,
  );
}
