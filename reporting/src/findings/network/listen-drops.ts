import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { criticalS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule, type Signal } from "../threshold-rule.ts";

export const listenDrops = thresholdRule({
  id: "listen-drops",
  title: "Refused connections",
  quantity: "Requests for connections dropped, or connections that found the accept queue full,",
  limit: { direction: "above", enter: 1, leave: 0.2, unit: "1/s", minimumS: 180 },
  criticalS,
  confidence: "high",
  source:
    "Netdata: 1m_tcp_accept_queue_overflows, 1m_tcp_accept_queue_drops, more than 1 on average over a minute, critical above 5. The durations and the leaving threshold are our own.",
  missing: "tcp_listen_overflows and tcp_listen_drops have no values.",
  signals,
  conclude: ({ worst, when, often }, states) => ({
    title: `Connections were turned away${often}`,
    sentence: `A program on this machine did not take up new connections fast enough ${when}; who asked for one waited for seconds or got none.`,
    // Netdata's limit of its critical alarm.
    ...(worst > 5 ? { severity: "critical" } : {}),
    advice: [
      "Find the socket: ss -lnt shows those whose Recv-Q reaches Send-Q.",
      ...(states.some(({ signal }) => signal.label.startsWith("Accept"))
        ? [
            "The program accepts too slowly: look at its threads or workers at these times, and at what they waited for.",
            "Raise its backlog and net.core.somaxconn only for short bursts: a longer queue lets people wait, it serves none.",
          ]
        : [
            "No accept queue was full, so the requests were dropped before: look at memory, at conntrack's table and for a flood of SYNs (net.ipv4.tcp_max_syn_backlog, syncookies).",
          ]),
    ],
  }),
});

/** The kernel counts what found the accept queue full among the drops as well. */
function signals(dataset: Dataset): Signal[] {
  const chartId = chartIds.listenDrops;
  const full = signalOf(dataset, "tcp_listen_overflows", { chartId });
  const dropped = signalOf(dataset, "tcp_listen_drops", { chartId });
  const [overflows] = full;
  if (overflows === undefined) return dropped;
  const others = dropped.map((drops) => ({
    ...drops,
    label: `${drops.label} for other reasons`,
    minutes: combineMinutes(drops.minutes, overflows.minutes, (all, queue) =>
      Math.max(0, all - queue),
    ),
  }));
  return [...full, ...others];
}
