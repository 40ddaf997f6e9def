import type { GetGlobalSettingsResponse } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import type { Store } from "../store/store.js";

export function globalSettingsOperations(store: Store) {
  const settings = store.collection<GetGlobalSettingsResponse>("globalSettings");
  const get = () => ({ BusinessCalling: {}, VoiceConnector: {}, ...settings.find("", "") });

  return {
    GetGlobalSettings: get,

    /** A structure without CdrBucket ends the recording of calls. Assumption: an absent structure keeps its value. */
    UpdateGlobalSettings(changes) {
      settings.save("", "", { ...get(), ...changes });
      return {};
    },
  } satisfies Partial<Operations>;
}
