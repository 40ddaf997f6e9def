import type { UserKey } from "../models.js";

/** A user to load; `complete` if fields are needed that ListUsers rows lack. */
export interface UserRequest extends UserKey {
  readonly complete: boolean;
}

/** A DataLoader's map in which a complete user also serves requests for rows. */
export class UserMap<Entry> extends Map<string, Entry> {
  /** Most requests load rows only. */
  #hasComplete = false;

  override get(key: string) {
    return super.get(key) ?? (this.#hasComplete ? super.get(`${key}/complete`) : undefined);
  }

  override set(key: string, entry: Entry) {
    this.#hasComplete ||= key.endsWith("/complete");
    return super.set(key, entry);
  }
}

/** Ids contain no slash. */
export const userCacheKey = ({ accountId, userId, complete }: UserRequest): string =>
  `${accountId}/${userId}${complete ? "/complete" : ""}`;
