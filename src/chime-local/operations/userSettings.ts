import type { UserSettings } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import type { Store } from "../store/store.js";
import { findUser } from "./users.js";

const off: UserSettings = { Telephony: { InboundCalling: false, OutboundCalling: false, SMS: false } };

export const userSettingsOf = (store: Store) => store.collection<UserSettings>("userSettings");

/** Assumption: the settings can be changed whether or not the user has a phone number. */
export function userSettingsOperations(store: Store) {
  const settings = userSettingsOf(store);

  return {
    GetUserSettings({ AccountId, UserId }) {
      findUser(store, AccountId, UserId);
      return { UserSettings: settings.find(AccountId, UserId) ?? off };
    },

    UpdateUserSettings({ AccountId, UserId, UserSettings }) {
      findUser(store, AccountId, UserId);
      settings.save(AccountId, UserId, UserSettings);
      return {};
    },
  } satisfies Partial<Operations>;
}
