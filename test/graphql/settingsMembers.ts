/** Where the schema has the members of Chime's settings, deletions and suspensions: see contract.test.ts. */
export const settingsMembers: Record<string, Record<string, string>> = {
  AccountSettings: {
    DisableRemoteControl: "AccountSettings.disableRemoteControl",
    EnableDialOut: "AccountSettings.enableDialOut",
  },
  RetentionSettings: {
    RoomRetentionSettings: "RetentionSettings.roomRetentionSettings",
    ConversationRetentionSettings: "RetentionSettings.conversationRetentionSettings",
  },
  RoomRetentionSettings: { RetentionDays: "RoomRetentionSettings.retentionDays" },
  ConversationRetentionSettings: { RetentionDays: "ConversationRetentionSettings.retentionDays" },
  BusinessCallingSettings: { CdrBucket: "BusinessCallingSettings.cdrBucket" },
  VoiceConnectorSettings: { CdrBucket: "VoiceConnectorSettings.cdrBucket" },
  DeleteAccountRequest: { AccountId: "DeleteAccountInput.accountId" },
  DeleteAccountResponse: {},
  GetAccountSettingsRequest: { AccountId: "Account.accountId" },
  GetAccountSettingsResponse: { AccountSettings: "Account.settings" },
  UpdateAccountSettingsRequest: {
    AccountId: "UpdateAccountSettingsInput.accountId",
    AccountSettings: "UpdateAccountSettingsInput.accountSettings",
  },
  UpdateAccountSettingsResponse: {},
  GetRetentionSettingsRequest: { AccountId: "Account.accountId" },
  GetRetentionSettingsResponse: {
    RetentionSettings: "Account.retentionSettings",
    InitiateDeletionTimestamp: "RetentionSettings.initiateDeletionTimestamp",
  },
  PutRetentionSettingsRequest: {
    AccountId: "PutRetentionSettingsInput.accountId",
    RetentionSettings: "PutRetentionSettingsInput.retentionSettings",
  },
  PutRetentionSettingsResponse: {
    RetentionSettings: "PutRetentionSettingsPayload.account",
    InitiateDeletionTimestamp: "RetentionSettings.initiateDeletionTimestamp",
  },
  GetGlobalSettingsResponse: {
    BusinessCalling: "GlobalSettings.businessCalling",
    VoiceConnector: "GlobalSettings.voiceConnector",
  },
  UpdateGlobalSettingsRequest: {
    BusinessCalling: "UpdateGlobalSettingsInput.businessCalling",
    VoiceConnector: "UpdateGlobalSettingsInput.voiceConnector",
  },
  UserSettings: { Telephony: "UserSettings.telephony" },
  TelephonySettings: {
    InboundCalling: "TelephonySettings.inboundCalling",
    OutboundCalling: "TelephonySettings.outboundCalling",
    SMS: "TelephonySettings.sms",
  },
  GetUserSettingsRequest: { AccountId: "User.accountId", UserId: "User.userId" },
  GetUserSettingsResponse: { UserSettings: "User.settings" },
  UpdateUserSettingsRequest: {
    AccountId: "UpdateUserSettingsInput.accountId",
    UserId: "UpdateUserSettingsInput.userId",
    UserSettings: "UpdateUserSettingsInput.userSettings",
  },
  BatchSuspendUserRequest: {
    AccountId: "BatchSuspendUserInput.accountId",
    UserIdList: "BatchSuspendUserInput.userIdList",
  },
  BatchSuspendUserResponse: { UserErrors: "BatchSuspendUserPayload.userErrors" },
  BatchUnsuspendUserRequest: {
    AccountId: "BatchUnsuspendUserInput.accountId",
    UserIdList: "BatchUnsuspendUserInput.userIdList",
  },
  BatchUnsuspendUserResponse: { UserErrors: "BatchUnsuspendUserPayload.userErrors" },
  LogoutUserRequest: { AccountId: "LogoutUserInput.accountId", UserId: "LogoutUserInput.userId" },
  LogoutUserResponse: {},
};
