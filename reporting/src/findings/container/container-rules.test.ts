import { expect, test } from "vitest";
import { createDataset } from "../../statistics/dataset.ts";
import {
  during,
  testContext,
  testDataset,
  testSamples,
  testStartS,
  type Course,
} from "../../testing/machine.ts";
import type { Rule } from "../finding.ts";
import { containerMemoryLimit } from "./container-memory-limit.ts";
import { containerOom } from "./container-oom.ts";
import { containerThrottling } from "./container-throttling.ts";
import { noisyContainer } from "./noisy-container.ts";

const judge = (rule: Rule, columns: Record<string, Course | null>, containers = ["web"]) =>
  rule.judge(testDataset({ rows: 720, columns }), testContext({ containers, cpuCount: 4 }));
const mebibyte = 2 ** 20;
const high = (value: number, low = 0) => during(20, 30, { high: value, low });

test("container-throttling warns of a container that its limit stops, and names both", () => {
  const columns = {
    container_web_throttled: high(60),
    container_web_cpu: high(50, 10),
    container_web_cpu_limit: () => 50,
  };
  expect(judge(containerThrottling, columns)).toMatchObject({
    finding: {
      severity: "warning",
      title: "Container web was held back by its CPU limit at times",
      evidence: [
        { ranges: [{}] },
        {
          sentence: expect.stringContaining("0.50 CPUs in use on average at these times"),
          threshold: "its limit of 0.50 CPUs",
        },
      ],
    },
  });
});

test("container-throttling is silent on a few periods, and refuses containers without a limit", () => {
  expect(judge(containerThrottling, { container_web_throttled: () => 5 })).toMatchObject({
    outcome: "clear",
  });
  expect(judge(containerThrottling, { container_web_cpu: () => 5 })).toMatchObject({
    outcome: "refused",
  });
});

test("container-memory-limit warns of programs near the limit, not of page cache", () => {
  const limit = { container_web_memory_limit_bytes: () => 512 * mebibyte };
  const memory = (anonymous: number, file: number) => ({
    ...limit,
    container_web_memory_bytes: () => (anonymous + file) * mebibyte,
    container_web_memory_file_bytes: () => file * mebibyte,
  });
  expect(judge(containerMemoryLimit, memory(480, 20))).toMatchObject({
    finding: {
      severity: "warning",
      sentence: expect.stringMatching(/its limit of 512.MiB/),
    },
  });
  expect(judge(containerMemoryLimit, memory(508, 2))).toMatchObject({
    finding: { severity: "critical" },
  });
  expect(judge(containerMemoryLimit, memory(100, 400))).toMatchObject({ outcome: "clear" });
  expect(judge(containerMemoryLimit, limit)).toMatchObject({ outcome: "refused" });
});

test("container-oom is critical when a process was killed at a container's limit", () => {
  const columns = { container_web_oom_kills: (s: number) => (s === 600 ? 0.1 : 0) };
  expect(judge(containerOom, columns)).toMatchObject({
    finding: {
      severity: "critical",
      sentence: expect.stringMatching(/ended 1.process in container web/),
      evidence: [{ ranges: [{}] }],
    },
  });
});

test("container-oom counts what was killed since the sample before, however long ago that was", () => {
  const samples = testSamples({
    rows: 100,
    columns: { container_web_oom_kills: (s) => (s === 600 ? 0.05 : 0) },
  });
  // Behind a gap of 100 s.
  const timestampsS = samples.timestampsS.map((timeS, row) => (row < 60 ? timeS : timeS + 90));
  const verdict = containerOom.judge(
    createDataset({ ...samples, timestampsS }),
    testContext({ containers: ["web"] }),
  );
  const endS = testStartS + 690;
  expect(verdict).toMatchObject({
    finding: {
      sentence: expect.stringMatching(/ended 5.processes/),
      evidence: [{ ranges: [{ startS: endS - 100, endS }] }],
      devices: ["web"],
    },
  });
});

test("container-oom tells with a kill for how long the container was near its limit", () => {
  const columns = {
    container_web_oom_kills: (s: number) => (s === 1500 ? 0.1 : 0),
    container_web_memory_limit_bytes: () => 512 * mebibyte,
    container_web_memory_anonymous_bytes: high(500 * mebibyte),
  };
  expect(judge(containerOom, columns)).toMatchObject({
    finding: {
      evidence: [
        { sentence: expect.stringMatching(/^web: 1.process killed at a limit of 512.MiB/) },
        { sentence: expect.stringMatching(/^web: memory of its limit above 90 % for 10.min/) },
      ],
    },
  });
});

test("container-oom is silent without kills, and where the machine itself ran out of memory", () => {
  expect(judge(containerOom, { container_web_oom_kills: () => 0 })).toMatchObject({
    outcome: "clear",
  });
  const columns = { container_web_oom_kills: () => 0.1, mem_available: () => 2 ** 28 };
  expect(judge(containerOom, columns)).toMatchObject({ outcome: "clear" });
  expect(judge(containerOom, {})).toMatchObject({ outcome: "refused" });
});

const saturated = { cpu_idle: high(1, 60), cpu_iowait: () => 0 };

test("noisy-container names the container that takes the CPUs while they are short", () => {
  const columns = {
    ...saturated,
    procs_running: high(9, 1),
    container_web_cpu: high(40, 20),
    container_batch_cpu: high(330, 20),
  };
  expect(judge(noisyContainer, columns, ["web", "batch"])).toMatchObject({
    finding: {
      severity: "warning",
      title: "Container batch took the CPUs for itself at times",
      sentence: expect.stringContaining("all others ran slower"),
      evidence: [
        { chartId: "chart-container-cpu-batch" },
        { sentence: expect.stringContaining("3.30 CPUs") },
        { chartId: "chart-run-queue" },
      ],
    },
  });
});

test("noisy-container only notices one that takes CPUs for which nobody waits", () => {
  const columns = {
    ...saturated,
    procs_running: high(9, 1),
    psi_cpu_some: () => 5,
    container_web_cpu: high(40, 20),
    container_batch_cpu: high(330, 20),
  };
  expect(judge(noisyContainer, columns, ["web", "batch"])).toMatchObject({
    finding: { severity: "notice", sentence: expect.stringContaining("hardly anything had to") },
  });
});

test("noisy-container is silent while CPUs are free, on equal shares, and on a single container", () => {
  const columns = { container_web_cpu: high(190, 20), container_batch_cpu: high(180, 20) };
  expect(judge(noisyContainer, { ...saturated, ...columns }, ["web", "batch"])).toMatchObject({
    outcome: "clear",
  });
  const idle = { container_web_cpu: () => 0, container_batch_cpu: () => 150 };
  expect(judge(noisyContainer, idle, ["web", "batch"])).toMatchObject({ outcome: "clear" });
  expect(judge(noisyContainer, columns)).toMatchObject({ outcome: "refused" });
});
