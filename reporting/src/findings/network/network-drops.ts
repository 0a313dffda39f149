import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
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
          : [{ label: `${name}: ${noun} drops`, minutes, chartId, device: name }];
      }),
    ),
  conclude: ({ signal: { device, label }, when, often }, _, __, { cpuCount }) => ({
    title: `Packets were dropped on ${device ?? label}${often}`,
    sentence: `This machine threw away packets on interface ${device ?? label} ${when}; what was worth sending had to be sent again.`,
    advice: [
      "See where they are dropped: ethtool -S (ring full), /proc/net/softnet_stat (CPU too slow), ip -s -s link; dropwatch names the kernel's place.",
      `Where the ring was full, enlarge it (ethtool -G)${cpuCount === 1 ? "" : " and spread interrupts over CPUs (irqbalance, RPS)"}.`,
      "Drops beside an idle machine are often frames of protocols that it does not speak (LLDP, spanning tree, IPv6 switched off): harmless.",
    ],
  }),
});
