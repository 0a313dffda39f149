import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "{contract,collector,reporting,start,e2e,lint,bench}/**/*.test.ts",
      "portal/{server,web}/src/**/*.test.{ts,tsx}",
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["{contract,collector,reporting}/src/**/*.ts", "portal/server/src/**/*.ts"],
      exclude: ["**/*.test.ts"],
    },
  },
});
