import { defineConfig } from "vitest/config";

export default defineConfig({
  // Node itself takes graphql's CommonJS build; Vite would take the other, and the two don't know each other's objects.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts", "bench/*.test.ts"],
    // No test leaves anything behind in a module: loading the SDK once for all files halves the time.
    isolate: false,
    // They mostly wait.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A condition may take longer than the usual second on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
