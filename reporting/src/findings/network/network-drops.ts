import { formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { meanDuring, type Episode } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds, type Evidence } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";
import { directions, shareOfPackets } from "./directions.ts";

export const networkDrops = thresholdRule({
  id: "network-drops",
  title: "Dropped packets",
  quantity: "Packets of an interface that were dropped, of all in that direction,",
  limit: { direction: "above", enter: 2, leave: 1, unit: "percent", minimumS: warningS },
  criticalS: null,
  // The kernel also counts here what it has no protocol for, which nobody misses.
  confidence: "medium",
  source:
    "Netdata: inbound_packets_dropped_ratio, outbound_packets_dropped_ratio, 2 % over 10 min. The 5 min and the leaving threshold are our own.",
  explains: ["tcp-retransmits"],
  missing: ({ interfaces }) =>
    interfaces.length === 0
      ? "There is no network interface in the data."
      : "No interface has drops and packets in the data.",
  signals: (dataset, { interfaces }) =>
    interfaces.flatMap((name) =>
      directions.flatMap(({ field, noun }): Signal[] => {
        const minutes = shareOfPackets(dataset, { name, field, fault: "drops" });
        const chartId = chartIds.interfaceDrops(name);
        return minutes === null
          ? []
          : [{ label: labelOf(name, noun), minutes, chartId, device: name }];
      }),
    ),
  conclude({ signal: { device, label }, when, often, episodes }, all, dataset, { cpuCount }) {
    const name = device ?? label;
    const isSent = label.endsWith(sendDrops);
    return {
      title: `Packets were dropped on ${name}${often}`,
      sentence: `This machine threw away packets that it ${isSent ? "wanted to send" : "had received"} on interface ${name} ${when}; what was worth sending had to be sent again.`,
      evidence: isSent ? sentEvidence(dataset, name, episodes) : [],
      // What was received and lost is sent again by whoever sent it: the other side counts it.
      unexplained: all.some(({ signal }) => signal.label.endsWith(sendDrops))
        ? []
        : ["tcp-retransmits"],
      advice: isSent ? whereSent(name) : whereReceived(cpuCount),
    };
  },
});

const sendDrops = labelOf("", "send");

function labelOf(name: string, noun: string): string {
  return `${name}: ${noun} drops`;
}

/** How near the line was to its speed, which few captures know. */
function sentEvidence(dataset: Dataset, name: string, episodes: Episode[]): Evidence[] {
  const sent = meanDuring(minutesOf(dataset, `net_${name}_tx_bytes`), episodes);
  if (Number.isNaN(sent)) return [];
  return [
    {
      sentence: `${name} sent ${formatValue(sent, "bytes/s")}, which is ${formatFixed((8 * sent) / 1e6, 0)} Mbit/s, on average at these times.`,
      threshold: "the speed of the line",
      ranges: episodes,
      chartId: chartIds.interfaceBytes(name),
    },
  ];
}

function whereSent(name: string): string[] {
  return [
    `Compare what was sent with the speed of the line (ethtool ${name}, or the limit of the instance type): packets to send are dropped where the queue before a full line is full.`,
    `See which queue dropped them: tc -s qdisc show dev ${name}. A limit of rate (tc, a provider's) shows there.`,
    "Move copies and backups out of these times, or limit their rate (rsync --bwlimit); lasting traffic needs a faster line.",
  ];
}

function whereReceived(cpuCount: number | null): string[] {
  return [
    "See where they are dropped: ethtool -S (ring full), /proc/net/softnet_stat (CPU too slow), ip -s -s link; dropwatch names the kernel's place.",
    `Where the ring was full, enlarge it (ethtool -G)${cpuCount === 1 ? "" : " and spread interrupts over CPUs (irqbalance, RPS)"}.`,
    "Drops beside an idle machine are often frames of protocols that it does not speak (LLDP, spanning tree, IPv6 switched off): harmless.",
  ];
}
