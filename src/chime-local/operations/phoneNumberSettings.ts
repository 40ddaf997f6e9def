import type { GetPhoneNumberSettingsResponse } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest } from "../errors.js";
import type { Store } from "../store/store.js";

/** AWS documents that the name can be changed once in seven days. */
const minIntervalMs = 7 * 24 * 60 * 60 * 1000;

export function phoneNumberSettingsOperations(store: Store) {
  const settings = store.collection<GetPhoneNumberSettingsResponse>("phoneNumberSettings");
  const get = () => settings.find("", "") ?? {};

  return {
    GetPhoneNumberSettings: get,

    /**
     * An empty name removes it. Assumption: an earlier change is a BadRequestException, the same name is not a change, and
     * the new name is visible at once.
     */
    UpdatePhoneNumberSettings({ CallingName }) {
      const { CallingName: current = "", CallingNameUpdatedTimestamp: updated } = get();
      if (CallingName === current) return {};
      const now = store.now();
      if (updated && now.getTime() - updated.getTime() < minIntervalMs)
        throw badRequest("The default calling name can be changed once in seven days.");
      settings.save("", "", {
        ...(CallingName !== "" && { CallingName }),
        CallingNameUpdatedTimestamp: now,
      });
      return {};
    },
  } satisfies Partial<Operations>;
}
