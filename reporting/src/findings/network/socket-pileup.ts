import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

export const socketPileup = thresholdRule({
  id: "socket-pileup",
  title: "Closed connections that pile up",
  quantity: "Sockets in TIME_WAIT",
  limit: { direction: "above", enter: 20_000, leave: 14_000, unit: "count", minimumS: warningS },
  criticalS: null,
  confidence: "medium",
  source:
    "Linux: net.ipv4.ip_local_port_range is 32768–60999 by default, 28,232 ports towards one peer; ours is 70 % and 50 % of that.",
  missing: "tcp_time_wait has no values.",
  signals: (dataset) => signalOf(dataset, "tcp_time_wait", { chartId: chartIds.sockets }),
  conclude: ({ when, often }) => ({
    title: `Closed connections used up the ports${often}`,
    sentence: `So many connections were opened and closed again ${when} that the ports for new ones may run out; towards the same peer they then fail.`,
    advice: [
      "Keep connections open: pools towards databases, keep-alive towards upstreams. One connection a request is the usual cause.",
      "See towards whom they are: ss -tan state time-wait, counted by peer.",
      "Only then widen net.ipv4.ip_local_port_range; net.ipv4.tcp_tw_reuse is safe for outgoing connections.",
    ],
  }),
});
