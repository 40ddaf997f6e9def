import { BatchUpdateUserCommand, type License, type UserError } from "@aws-sdk/client-chime";
import { chime, chunksOf } from "./chime.js";

/** Gives users a license, 20 a call. */
export async function updateLicenses(
  accountId: string,
  items: readonly { readonly userId: string; readonly licenseType: License }[],
): Promise<UserError[]> {
  const answers = await Promise.all(
    chunksOf(items, 20).map((chunk) =>
      chime.send(
        new BatchUpdateUserCommand({
          AccountId: accountId,
          UpdateUserRequestItems: chunk.map(({ userId, licenseType }) => ({
            UserId: userId,
            LicenseType: licenseType,
          })),
        }),
      ),
    ),
  );
  return answers.flatMap(({ UserErrors }) => UserErrors ?? []);
}
