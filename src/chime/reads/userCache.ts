import type { UserKey } from "../models.js";

/** A user to load; `complete` if fields are needed that ListUsers rows lack. */
export interface UserRequest extends UserKey {
  readonly complete: boolean;
}

/** A DataLoader's map in which a complete user also serves requests for rows. */
export class UserMap<Entry> extends Map<string, Entry> {
  override get(key: string) {
    return super.get(key) ?? super.get(`${key}/complete`);
  }
}

/** Ids contain no slash. */
export const userCacheKey = ({ accountId, userId, complete }: UserRequest): string =>
  `${accountId}/${userId}${complete ? "/complete" : ""}`;
