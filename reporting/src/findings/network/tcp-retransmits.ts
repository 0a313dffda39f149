import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";

/** Segments a second; a share of fewer is a few segments. */
const leastSegments = 10;

export const tcpRetransmits = thresholdRule({
  id: "tcp-retransmits",
  title: "TCP retransmits",
  quantity: "TCP segments sent again, of those sent,",
  provided: `in minutes of ${leastSegments} segments/s and more`,
  limit: { direction: "above", enter: 2, leave: 1, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "medium",
  source:
    "Our own: within a data centre hardly any segment is sent again, over the internet about one in a hundred.",
  missing: "tcp_retransmits and tcp_out_segments are not both in the data.",
  signals,
  conclude: ({ when, often }) => ({
    title: `TCP sent too much again${often}`,
    sentence: `Connections of this machine lost data on the way ${when}; each loss holds up its connection for a round trip at least, and for 200 ms and more where only a timeout tells of it.`,
    advice: [
      "Find the peers: ss -ti shows retransmits by connection, tcpretrans (bcc) each one as it happens. One peer points to the way there, all of them to this machine or its line.",
      "Look at the same times for drops and errors of interfaces here and on the switch, and for a full line or a policer of the cloud.",
      "For users over bad lines some loss is normal: then congestion control (BBR) helps more than anything in this machine.",
    ],
  }),
});

function signals(dataset: Dataset): Signal[] {
  const again = dataset.measure("tcp_retransmits");
  const sent = dataset.measure("tcp_out_segments");
  if (again === null || sent === null) return [];
  return [
    {
      label: "TCP segments sent again",
      minutes: combineMinutes(dataset.minutes(again), dataset.minutes(sent), (lost, whole) =>
        whole >= leastSegments ? Math.min(100, (100 * lost) / whole) : 0,
      ),
      chartId: chartIds.tcpRetransmits,
      device: null,
    },
  ];
}
