import { defineConfig } from "vitest/config";
import { canCompile, testedExecutable } from "./collector/packaging/compile-for-tests.ts";

const packaged = {
  extends: true as const,
  test: {
    name: "packaged",
    include: ["collector/src/{pcc,pcd,pcctl,pcprocess}.test.ts"],
    globalSetup: "collector/packaging/compile-for-tests.ts",
    env: { PERFCOLLECTOR: testedExecutable },
  },
};

export default defineConfig({
  test: {
    // Most tests wait for processes, timers and disks rather than for a CPU.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: ".cache/test-results.json" },
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: [
            "{contract,collector,reporting,start,lint,bench}/**/*.test.ts",
            "portal/web/src/**/*.test.{ts,tsx}",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "portal",
          include: ["portal/server/src/**/*.test.ts"],
          globalSetup: "portal/server/src/testing/global-setup.ts",
        },
      },
      {
        extends: true,
        test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 180_000 },
      },
      ...(canCompile ? [packaged] : []),
    ],
    coverage: {
      provider: "v8",
      include: ["{contract,collector,reporting}/src/**/*.ts", "portal/server/src/**/*.ts"],
      exclude: ["**/*.test.ts"],
    },
  },
});
