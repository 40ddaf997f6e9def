import { expect, test } from "vitest";
import { readConfig } from "../../src/config.js";
import { problemsOf } from "./problems.js";

const LOG_KEY = "0123456789abcdef";

test("an audit log needs a key for its hashes", () => {
  expect(problemsOf({ AUDIT_LOG: "stdout" })).toEqual([
    "LOG_KEY is required when AUDIT_LOG is set: it hashes addresses and phone numbers",
  ]);
  expect(readConfig({ AUDIT_LOG: "stdout", LOG_KEY }).logging.audit).toEqual({
    target: "stdout",
    isRequired: false,
  });
});

test("AUDIT_REQUIRED=true needs an audit log", () => {
  expect(problemsOf({ AUDIT_REQUIRED: "true" })).toEqual(["AUDIT_LOG is required when AUDIT_REQUIRED=true"]);
  expect(problemsOf({ AUDIT_REQUIRED: "false" })).toEqual([]);
});
