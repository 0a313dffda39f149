import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import type { Rule, RuleContext } from "../finding.ts";
import { listenDrops } from "./listen-drops.ts";
import { networkDrops } from "./network-drops.ts";
import { networkErrors } from "./network-errors.ts";
import { networkSaturation } from "./network-saturation.ts";
import { socketPileup } from "./socket-pileup.ts";
import { tcpRetransmits } from "./tcp-retransmits.ts";

const judge = (
  rule: Rule,
  columns: Record<string, Course | null>,
  context: Partial<RuleContext> = {},
) =>
  rule.judge(
    testDataset({ rows: 720, columns }),
    testContext({ interfaces: ["eth0"], ...context }),
  );
const speeds = new Map([["eth0", { bytesPerS: 125_000_000, from: "user" as const }]]);
const high = (value: number, low = 0) => during(20, 30, { high: value, low });

test("network-saturation warns of a full line, by its speed", () => {
  const columns = { net_eth0_tx_bytes: high(118e6, 1e6) };
  expect(judge(networkSaturation, columns, { speeds })).toMatchObject({
    finding: {
      severity: "warning",
      title: "The line of eth0 was full at times",
      evidence: [
        { sentence: expect.stringContaining("94.4"), chartId: "chart-net-bytes-eth0" },
        {
          sentence: expect.stringContaining("sent up to"),
          threshold: expect.stringMatching(/the line, 119.MiB\/s in each direction/),
        },
      ],
    },
  });
});

test("network-saturation names the direction that was full", () => {
  const told = (columns: Record<string, Course>) =>
    JSON.stringify(judge(networkSaturation, columns, { speeds }));
  const [sent, received] = [high(118e6, 1e6), high(115e6, 1e6)];
  expect(told({ net_eth0_tx_bytes: sent })).toContain("eth0 sent nearly all");
  expect(told({ net_eth0_rx_bytes: received })).toContain("whatever it received then was slowed");
  const both = told({ net_eth0_rx_bytes: received, net_eth0_tx_bytes: sent });
  expect(both).toContain("eth0 received and sent nearly all");
});

test("network-saturation is silent on a line half full, and does not guess a speed", () => {
  const columns = { net_eth0_tx_bytes: high(6e7) };
  expect(judge(networkSaturation, columns, { speeds })).toMatchObject({ outcome: "clear" });
  expect(judge(networkSaturation, columns)).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(
      /speed of no interface is known.* eth0 sent 480.Mbit\/s in a minute/,
    ),
  });
});

test("network-saturation says whose word it takes for the speed, and of whom it does not take it", () => {
  const columns = { net_eth0_tx_bytes: high(118e6, 1e6) };
  const told = new Map([["eth0", { bytesPerS: 125_000_000, from: "machine" as const }]]);
  expect(judge(networkSaturation, columns, { speeds: told })).toMatchObject({
    finding: {
      evidence: [{}, { threshold: expect.stringContaining("line as the machine tells it, 119") }],
    },
  });
  const doubtedSpeeds = new Map([["eth0", { toldBytesPerS: 12.5e6, carriedBytesPerS: 118e6 }]]);
  expect(judge(networkSaturation, columns, { doubtedSpeeds })).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(
      /tells that the line of eth0 carries 100.Mbit\/s, but it carried 944.Mbit\/s: .* not believed/,
    ),
  });
});

const packets = { net_eth0_rx_packets: () => 1000, net_eth0_tx_packets: () => 1000 };

test.each([
  [networkErrors, "errors", 20, "Packets broke on eth0 at times"],
  [networkDrops, "drops", 40, "Packets were dropped on eth0 at times"],
] as const)("$0.id warns of a share of packets", (rule, fault, rate, title) => {
  const columns = { ...packets, [`net_eth0_rx_${fault}`]: high(rate) };
  expect(judge(rule, columns)).toMatchObject({
    finding: { severity: "warning", title, evidence: [{ chartId: `chart-net-${fault}-eth0` }] },
  });
});

test.each([
  [networkErrors, "errors", 5],
  [networkDrops, "drops", 10],
] as const)("$0.id is silent on few, on hardly any packets, and on none", (rule, fault, rate) => {
  const faulty = { [`net_eth0_rx_${fault}`]: high(rate) };
  expect(judge(rule, { ...packets, ...faulty })).toMatchObject({ outcome: "clear" });
  const slow = { net_eth0_rx_packets: () => 2, [`net_eth0_rx_${fault}`]: () => 1 };
  expect(judge(rule, slow)).toMatchObject({ outcome: "clear" });
  expect(judge(rule, {})).toMatchObject({ outcome: "refused" });
});

test("network-drops advises by the direction, and tells how much was sent", () => {
  const told = (field: string) =>
    JSON.stringify(
      judge(networkDrops, {
        ...packets,
        net_eth0_tx_bytes: () => 118e6,
        [`net_eth0_${field}_drops`]: high(40),
      }),
    );
  expect(told("rx")).toMatch(/had received on interface eth0.*ring full/);
  expect(told("tx")).toMatch(/wanted to send on.*qdisc.*eth0 sent 113.MiB\/s, which is 944 Mbit/);
});

test("network-drops explains what was sent again by drops of what was sent, not of what was received", () => {
  const unexplained = (...fields: string[]) =>
    judge(networkDrops, {
      ...packets,
      ...Object.fromEntries(fields.map((field) => [`net_eth0_${field}_drops`, high(40)])),
    });
  expect(unexplained("rx")).toMatchObject({ finding: { unexplained: ["tcp-retransmits"] } });
  expect(unexplained("tx")).toMatchObject({ finding: { unexplained: [] } });
  expect(unexplained("rx", "tx")).toMatchObject({ finding: { unexplained: [] } });
});

test("tcp-retransmits warns of a share of segments, and is silent on a few or on an idle machine", () => {
  const sent = { tcp_out_segments: () => 2000 };
  expect(judge(tcpRetransmits, { ...sent, tcp_retransmits: high(100) })).toMatchObject({
    finding: { severity: "warning", evidence: [{ chartId: "chart-tcp-retransmits" }] },
  });
  expect(judge(tcpRetransmits, { ...sent, tcp_retransmits: () => 10 })).toMatchObject({
    outcome: "clear",
  });
  const idle = { tcp_out_segments: () => 1, tcp_retransmits: () => 0.5 };
  expect(judge(tcpRetransmits, idle)).toMatchObject({ outcome: "clear" });
  expect(judge(tcpRetransmits, {})).toMatchObject({ outcome: "refused" });
});

test("listen-drops warns of connections turned away, critically of many, and is silent on one", () => {
  const columns = { tcp_listen_overflows: high(2), tcp_listen_drops: high(2) };
  expect(judge(listenDrops, columns)).toMatchObject({
    finding: {
      severity: "warning",
      advice: [{}, expect.stringContaining("accepts too slowly"), {}],
    },
  });
  expect(judge(listenDrops, { tcp_listen_drops: high(8) })).toMatchObject({
    finding: { severity: "critical", advice: [{}, expect.stringContaining("No accept queue")] },
  });
  expect(judge(listenDrops, { tcp_listen_drops: (s) => (s === 600 ? 1 : 0) })).toMatchObject({
    outcome: "clear",
  });
  expect(judge(listenDrops, {})).toMatchObject({ outcome: "refused" });
});

test("listen-drops tells what found the accept queue full once, though the kernel counts it twice", () => {
  const full = { tcp_listen_overflows: high(3), tcp_listen_drops: high(3) };
  expect(judge(listenDrops, full)).toMatchObject({
    finding: { evidence: [{ sentence: expect.stringMatching(/^Accept queue overflows/) }] },
  });
  expect(judge(listenDrops, { ...full, tcp_listen_drops: high(9) })).toMatchObject({
    finding: {
      evidence: [{}, { sentence: expect.stringMatching(/^Listen drops for other .* 6\.00/) }],
    },
  });
});

test("socket-pileup warns of tens of thousands in TIME_WAIT, and is silent on thousands", () => {
  expect(judge(socketPileup, { tcp_time_wait: high(27_000, 100) })).toMatchObject({
    finding: { severity: "warning" },
  });
  // A web server closes what its clients opened: none of these takes one of its own ports.
  const served = { tcp_time_wait: high(27_000, 100), tcp_active_opens: () => 20 };
  expect(judge(socketPileup, served)).toMatchObject({
    outcome: "clear",
    sentence: expect.stringContaining("27.0"),
  });
  expect(judge(socketPileup, { ...served, tcp_active_opens: () => 450 })).toMatchObject({
    finding: { severity: "warning", confidence: "medium" },
  });
  expect(judge(socketPileup, { tcp_time_wait: () => 8000 })).toMatchObject({ outcome: "clear" });
  expect(judge(socketPileup, {})).toMatchObject({ outcome: "refused" });
});
