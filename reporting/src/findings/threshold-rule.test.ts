import { expect, test } from "vitest";
import { during, testContext, testDataset, type TestMachine } from "../testing/machine.ts";
import { signalOf, thresholdRule, type ThresholdRule } from "./threshold-rule.ts";

const drops: ThresholdRule = {
  id: "drops",
  title: "Drops",
  quantity: "Drops of an interface",
  limit: { direction: "above", enter: 100, leave: 50, unit: "1/s", minimumS: 300 },
  criticalS: 900,
  confidence: "medium",
  source: "this test",
  missing: "No interface has drops.",
  signals: (dataset, { interfaces }) =>
    interfaces.flatMap((device) =>
      signalOf(dataset, `net_${device}_rx_drops`, { device, label: `${device}: drops` }),
    ),
  conclude: ({ signal: { device }, when }, all) => ({
    title: `${device} drops packets, one of ${all.length}`,
    sentence: `It did so ${when}.`,
    advice: ["Look."],
  }),
};
const interfaces = ["eth0", "eth1", "eth2", "eth3", "eth4"];
const judge = (machine: TestMachine, change: Partial<ThresholdRule> = {}) =>
  thresholdRule({ ...drops, ...change }).judge(testDataset(machine), testContext({ interfaces }));
const dropping = (from: number, to: number) => during(from, to, { high: 400, low: 1 });

test("thresholdRule() defines itself in words by its own thresholds", () => {
  expect(thresholdRule(drops).definition).toMatch(/^Drops of an interface above 100./);
  expect(thresholdRule(drops).definition.replaceAll("\u{a0}", " ")).toBe(
    "Drops of an interface above 100 /s (until below 50 /s), as means of a minute, for 5 min; critical from 15 min, if all such time is at least 1 % of the window or it lasts to the end.",
  );
});

test("thresholdRule() speaks of the device that suffered longest, and of each in its evidence", () => {
  const columns = { net_eth0_rx_drops: dropping(5, 11), net_eth1_rx_drops: dropping(20, 40) };
  expect(judge({ rows: 360, columns })).toMatchObject({
    finding: {
      title: "eth1 drops packets, one of 2",
      severity: "critical",
      confidence: "medium",
      evidence: [
        {
          sentence: expect.stringMatching(
            /^eth1: drops above 100.\/s for 20.min .*worst minute 400/,
          ),
        },
        { sentence: expect.stringMatching(/^eth0: drops/) },
      ],
    },
  });
});

test("thresholdRule() warns of a shorter time, or gives the severity that the rule has for it", () => {
  const columns = { net_eth0_rx_drops: dropping(5, 11) };
  expect(judge({ rows: 360, columns })).toMatchObject({ finding: { severity: "warning" } });
  const notice = { severity: "notice", criticalS: null } as const;
  expect(judge({ rows: 360, columns }, notice)).toMatchObject({ finding: { severity: "notice" } });
});

test("thresholdRule() names the three devices nearest to the limit where nothing is wrong", () => {
  const columns = Object.fromEntries(
    interfaces.map((name, index) => [`net_${name}_rx_drops`, () => index]),
  );
  const verdict = judge({ rows: 360, columns });
  expect(verdict).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(
      /^eth4: drops at most 4.*; eth3.*; eth2.*; 2 more within the limit \(limit 100/,
    ),
  });
});

test("thresholdRule() refuses what was not measured, or not for long enough, but judges what was", () => {
  expect(judge({ rows: 360 })).toEqual({ outcome: "refused", reason: "No interface has drops." });
  expect(judge({ rows: 24, columns: { net_eth0_rx_drops: () => 1 } })).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^4.min of data/),
  });
  const late = {
    net_eth0_rx_drops: (s: number) => (s > 3500 ? 1 : NaN),
    net_eth1_rx_drops: () => 1,
  };
  expect(judge({ rows: 360, columns: late })).toMatchObject({ outcome: "clear" });
});

test("thresholdRule() says in a word that nothing at all happened, and each figure once", () => {
  const none = { net_eth0_rx_drops: () => 0, net_eth1_rx_drops: () => 0 };
  expect(judge({ rows: 360, columns: none })).toMatchObject({
    sentence: expect.stringMatching(/^eth0: drops, eth1: drops: none at any time \(limit 100/),
  });
  expect(judge({ rows: 360, columns: { net_eth0_rx_drops: () => 7 } })).toMatchObject({
    sentence: expect.stringMatching(/^eth0: drops at most 7\.00.\/s in a minute \(limit 100/),
  });
});

test("thresholdRule() takes the rule's own words for what is in order, and for what is missing", () => {
  const columns = { net_eth0_rx_drops: () => 7 };
  const inOrder = () => "All is well";
  expect(judge({ rows: 360, columns }, { inOrder })).toMatchObject({
    sentence: expect.stringMatching(/^All is well \(limit 100/),
  });
  const missing = (context: { interfaces: readonly string[] }) =>
    `None of ${context.interfaces.length}.`;
  expect(judge({ rows: 360 }, { missing })).toEqual({ outcome: "refused", reason: "None of 5." });
});
