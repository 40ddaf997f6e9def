import { z } from "zod";
import { username } from "./shared/validation.js";

const values = z.array(z.string()).min(1, "must have at least one value").nullish();
const part = username.nullish();

/** Labels of letters, digits and hyphens, in any script, at least two: a domain alone, without `@`. */
const domain = username
  .max(253, { error: "must be at most 253 characters", abort: true })
  .regex(/^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u, "must be a domain such as example.com");

/** The rules of a UserFilter: its times are Dates. */
export const userFilter = z
  .looseObject({
    licenseTypes: values,
    userTypes: values,
    userRegistrationStatuses: values,
    userInvitationStatuses: values,
    displayNameContains: part,
    primaryEmailContains: part,
    emailDomain: domain.nullish(),
    registeredBefore: z.date().nullish(),
    registeredAfter: z.date().nullish(),
  })
  .refine(
    ({ registeredBefore, registeredAfter }) =>
      registeredBefore == null || registeredAfter == null || registeredAfter < registeredBefore,
    { path: ["registeredAfter"], message: "must be before registeredBefore" },
  );
