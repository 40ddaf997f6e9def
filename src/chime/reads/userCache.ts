import type { UserKey } from "../models.js";

/** A user to load; `complete` if a field is needed that ListUsers rows lack: PersonalPIN, InvitedOn. */
export interface UserRequest extends UserKey {
  readonly complete: boolean;
}

/** A user who was fetched complete also serves whoever needs less of it. */
export class UserCache<Kept> extends Map<string, Kept> {
  override get(key: string) {
    return super.get(key) ?? super.get(`${key}/complete`);
  }
}

/** Ids contain no slash. */
export const userCacheKey = ({ accountId, userId, complete }: UserRequest): string =>
  `${accountId}/${userId}${complete ? "/complete" : ""}`;
