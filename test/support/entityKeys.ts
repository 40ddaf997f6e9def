import { SEED } from "../../src/chime-local/seed/index.js";
import {
  accountGlobalId,
  botGlobalId,
  phoneNumberGlobalId,
  roomGlobalId,
  userGlobalId,
} from "../../src/graphql/resolvers/shared/globalId.js";

/** What the representations refer to: the seeded room and bot in one account, a user in another. */
interface Target {
  readonly accountId: string;
  readonly userId: string;
  readonly email: string;
  readonly chatAccountId: string;
  readonly assignedNumber: string;
}

const roomOf = ({ chatAccountId: accountId }: Target) => ({ accountId, roomId: SEED.roomId });
const botOf = ({ chatAccountId: accountId }: Target) => ({ accountId, botId: SEED.botId });

/** A router's representation by each key of the schema's entities. */
export const entityKeys: Record<string, (target: Target) => object> = {
  "Account.id": ({ accountId }) => ({ __typename: "Account", id: accountGlobalId(accountId) }),
  "Account.accountId": ({ accountId }) => ({ __typename: "Account", accountId }),
  "User.id": (key) => ({ __typename: "User", id: userGlobalId(key) }),
  "User.accountId userId": ({ accountId, userId }) => ({ __typename: "User", accountId, userId }),
  "User.primaryEmail": ({ email }) => ({ __typename: "User", primaryEmail: email }),
  "Room.id": (target) => ({ __typename: "Room", id: roomGlobalId(roomOf(target)) }),
  "Room.accountId roomId": (target) => ({ __typename: "Room", ...roomOf(target) }),
  "Bot.id": (target) => ({ __typename: "Bot", id: botGlobalId(botOf(target)) }),
  "Bot.accountId botId": (target) => ({ __typename: "Bot", ...botOf(target) }),
  "PhoneNumber.id": (key) => ({ __typename: "PhoneNumber", id: phoneNumberGlobalId(key.assignedNumber) }),
  "PhoneNumber.e164PhoneNumber": ({ assignedNumber: e164PhoneNumber }) => ({
    __typename: "PhoneNumber",
    e164PhoneNumber,
  }),
};
