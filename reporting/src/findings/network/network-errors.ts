import { criticalS, warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";
import { directions, shareOfPackets } from "./directions.ts";

export const networkErrors = thresholdRule({
  id: "network-errors",
  title: "Network errors",
  quantity: "Packets of an interface with errors, of all in that direction,",
  limit: { direction: "above", enter: 1, leave: 0.5, unit: "percent", minimumS: warningS },
  criticalS,
  confidence: "high",
  source:
    "node-mixin (Prometheus): NodeNetworkReceiveErrs, NodeNetworkTransmitErrs, 1 % of packets for 1 h. The durations and the leaving threshold are our own.",
  explains: ["tcp-retransmits"],
  missing: ({ interfaces }) =>
    interfaces.length === 0
      ? "There is no network interface in the data."
      : "No interface has errors and packets in the data.",
  signals: (dataset, { interfaces }) =>
    interfaces.flatMap((name) =>
      directions.flatMap(({ field, noun }): Signal[] => {
        const minutes = shareOfPackets(dataset, { name, field, fault: "errors" });
        const chartId = chartIds.interfaceErrors(name);
        return minutes === null
          ? []
          : [{ label: `${name}: ${noun} errors`, minutes, chartId, device: name }];
      }),
    ),
  conclude: ({ signal: { device, label }, when, often }) => ({
    title: `Packets broke on ${device ?? label}${often}`,
    sentence: `Interface ${device ?? label} lost packets to errors ${when}: they were sent again, at best, and connections stalled meanwhile.`,
    advice: [
      "Read which errors they are: ethtool -S and ip -s -s link. CRC and frame errors point to cable, transceiver or port.",
      "Change cable or port; compare speed and duplex with the switch's side (ethtool).",
      "In a virtual machine report it to whoever runs the host: the virtual interface itself cannot break packets.",
    ],
  }),
});
