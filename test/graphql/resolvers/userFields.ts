/** Every field of a user that is not another object. */
export const allUserFields = `userId accountId primaryEmail primaryProvisionedNumber displayName licenseType userType
  userRegistrationStatus userInvitationStatus registeredOn invitedOn personalPin
  alexaForBusinessMetadata { isAlexaForBusinessEnabled alexaForBusinessRoomArn }`;

export const userQuery = `query ($accountId: ID!, $userId: ID!) {
  user(accountId: $accountId, userId: $userId) { ${allUserFields} }
}`;
