import type { DoubtedSpeed } from "../../capacity/line-speeds.ts";
import { formatBitRate, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { principalOf } from "../../statistics/devices.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { criticalS, spanName, warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";
import { directions } from "./directions.ts";

export const networkSaturation = thresholdRule({
  id: "network-saturation",
  title: "Network saturation",
  quantity:
    "Traffic of an interface in one direction, of its speed (as given, or as the machine tells, unless it carried more),",
  limit: { direction: "above", enter: 85, leave: 70, unit: "percent", minimumS: warningS },
  criticalS,
  confidence: "high",
  source:
    "PCP pmieconf: per_netif.util, 85 % of the speed, both directions added up; a line carries each by itself. Netdata: 1m_received_traffic_overflow, 1m_sent_traffic_overflow, 90 % until 85 %. The durations and the leaving threshold are our own.",
  explains: ["network-drops", "tcp-retransmits"],
  perDevice: ["network-drops"],
  missing: ({ interfaces, doubtedSpeeds }, dataset) => {
    if (interfaces.length === 0) return "There is no network interface in the data.";
    const [doubt] = doubtedSpeeds;
    return doubt !== undefined
      ? describeDoubt(...doubt)
      : `The speed of no interface is known: how full the line was cannot be told by the traffic alone; --network-speeds tells it.${busiestLine(dataset, interfaces)}`;
  },
  signals: (dataset, { interfaces, speeds }) =>
    interfaces.flatMap((name) => {
      const speed = speeds.get(name);
      return speed === undefined ? [] : signals(dataset, name, speed.bytesPerS);
    }),
  conclude({ signal: { device, label }, when, often }, all, dataset, { speeds }) {
    const name = device ?? label;
    const speed = speeds.get(name);
    const full = directions.filter(({ verb }) =>
      all.some(({ signal }) => signal.label === labelOf(name, verb)),
    );
    const verbs = full.map(({ verb }) => verb).join(" and ");
    return {
      title: `The line of ${name} was full${often}`,
      sentence: `Interface ${name} ${verbs} nearly all that its line can carry ${when}; whatever it ${verbs} then was slowed down.`,
      evidence: [
        {
          sentence: `${name}: ${directions
            .flatMap(({ field, verb }) => {
              const measure = dataset.measure(`net_${name}_${field}_bytes`);
              return measure === null
                ? []
                : `${verb} up to ${formatValue(dataset.summary(measure).max, "bytes/s")}`;
            })
            .join(", ")}.`,
          threshold: `the speed of the line${speed?.from === "machine" ? " as the machine tells it" : ""}, ${formatValue(speed?.bytesPerS ?? NaN, "bytes/s")} in each direction`,
          ranges: [],
          chartId: null,
        },
      ],
      advice: [
        "Find who sends or receives so much: iftop, nethogs, or the flow records of the switch.",
        "Move copies and backups out of these times, or limit their rate (rsync --bwlimit, tc).",
        "If the traffic is legitimate and lasting, take a faster line or a larger instance type, or bond two interfaces.",
      ],
    };
  },
});

function labelOf(name: string, verb: string): string {
  return `${name}: ${verb}`;
}

function describeDoubt(name: string, { toldBytesPerS, carriedBytesPerS }: DoubtedSpeed): string {
  return `The machine tells that the line of ${name} carries ${formatBitRate(toldBytesPerS)}, but it carried ${formatBitRate(carriedBytesPerS)}: such a speed is not believed, and how full the line was cannot be told without --network-speeds.`;
}

/** " The busiest: eth0 sent 967 Mbit/s in a minute." for who knows the line; nothing where no traffic was measured. */
function busiestLine(dataset: Dataset, interfaces: readonly string[]): string {
  const [busiest] = principalOf(interfaces)
    .flatMap((name) =>
      directions.flatMap(({ field, verb }) => {
        const minutes = minutesOf(dataset, `net_${name}_${field}_bytes`);
        if (minutes === null) return [];
        const [most = NaN] = percentiles(minutes.means, [1]);
        return [{ name, verb, most, span: spanName(minutes) }];
      }),
    )
    .toSorted((a, b) => b.most - a.most);
  if (busiest === undefined) return "";
  const { name, verb, most, span } = busiest;
  return ` The busiest: ${name} ${verb} ${formatBitRate(most)} in ${span === "minute" ? "a minute" : span}.`;
}

/** Percent of the speed, given in bytes a second. */
function signals(dataset: Dataset, name: string, speed: number): Signal[] {
  return directions.flatMap(({ field, verb }): Signal[] => {
    const measure = dataset.measure(`net_${name}_${field}_bytes`);
    if (measure === null) return [];
    const minutes = dataset.minutes(measure);
    return [
      {
        label: labelOf(name, verb),
        minutes: { ...minutes, means: minutes.means.map((mean) => (100 * mean) / speed) },
        chartId: chartIds.interfaceBytes(name),
        device: name,
      },
    ];
  });
}
