import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";

/** Seconds for which the kernel keeps such a socket: TCP_TIMEWAIT_LEN. */
const keptS = 60;

export const socketPileup = thresholdRule({
  id: "socket-pileup",
  title: "Closed connections that pile up",
  quantity: "Sockets in TIME_WAIT",
  limit: { direction: "above", enter: 20_000, leave: 14_000, unit: "count", minimumS: warningS },
  provided: `as far as connections that this machine opened within ${keptS} s can have left them, where their number is known: those that it accepted take no port of its own`,
  criticalS: null,
  confidence: "medium",
  source:
    "Linux: net.ipv4.ip_local_port_range is 32768–60999 by default, 28,232 ports towards one peer; ours is 70 % and 50 % of that.",
  missing: "tcp_time_wait has no values.",
  signals,
  conclude: ({ when, often }, _, dataset) => ({
    title: `Closed connections piled up${often}`,
    sentence: `So many connections were opened and closed again ${when} that the ports for new ones may run out, if most were to the same peer; towards it they then fail.`,
    confidence: dataset.measure("tcp_active_opens") === null ? "low" : "medium",
    advice: [
      "Keep connections open: pools towards databases, keep-alive towards upstreams. One connection a request is the usual cause.",
      "See towards whom they are: ss -tan state time-wait, counted by peer.",
      "Only then widen net.ipv4.ip_local_port_range; net.ipv4.tcp_tw_reuse is safe for outgoing connections.",
    ],
  }),
});

function signals(dataset: Dataset): Signal[] {
  const [closed, opened] = [dataset.measure("tcp_time_wait"), dataset.measure("tcp_active_opens")];
  if (closed === null) return [];
  const own = dataset.minutes(closed);
  return [
    {
      label: closed.label,
      raw: { minutes: own, unit: "count" },
      minutes:
        opened === null
          ? own
          : combineMinutes(own, dataset.minutes(opened), (sockets, perS) =>
              Math.min(sockets, keptS * perS),
            ),
      chartId: chartIds.sockets,
      device: null,
    },
  ];
}
