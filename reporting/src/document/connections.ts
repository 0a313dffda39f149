import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import type { Color } from "../charts/palette.ts";
import { chartIds } from "../findings/finding.ts";
import { formatNumber, formatValue } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { bucketsOf, figure, happened, measuresOf, type Context } from "./context.ts";
import type { Block } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";

type Line = [name: string, color: Color];

/** TCP, UDP and sockets: the rest of the network section. Empty where the file has nothing of it. */
export function connectionBlocks(context: Context): Block[] {
  const measures = context.dataset.columns.filter(
    (column) =>
      /^(tcp|udp|sockets)_/.test(column.name) && context.dataset.measure(column.name) !== null,
  );
  if (measures.length === 0) return [];
  return [
    { kind: "heading", text: "Connections" },
    { kind: "paragraph", text: introduction(context) },
    ...lines(context, {
      id: "chart-tcp-opens",
      title: "TCP connections opened and accepted",
      names: [
        ["tcp_passive_opens", "blue"],
        ["tcp_active_opens", "orange"],
      ],
    }),
    ...lines(context, {
      id: chartIds.sockets,
      title: "TCP connections established, and closed ones that wait",
      names: [
        ["tcp_established", "blue"],
        ["tcp_time_wait", "purple"],
      ],
    }),
    ...lines(context, {
      id: chartIds.tcpRetransmits,
      title: "TCP segments sent again, and timeouts",
      names: [
        ["tcp_retransmits", "vermilion"],
        ["tcp_timeouts", "purple"],
      ],
    }),
    ...lines(context, {
      id: chartIds.listenDrops,
      title: "Connections turned away",
      names: [
        ["tcp_listen_overflows", "vermilion"],
        ["tcp_listen_drops", "orange"],
      ],
    }),
    statisticsTable(context.dataset, { caption: "TCP, UDP and sockets", measures }),
  ];
}

function introduction({ dataset }: Context): string {
  const mean = (name: string): number => {
    const measure = dataset.measure(name);
    return measure === null ? NaN : dataset.summary(measure).mean;
  };
  const [accepted, opened] = [mean("tcp_passive_opens"), mean("tcp_active_opens")];
  const [sent, again] = [mean("tcp_out_segments"), mean("tcp_retransmits")];
  const opens = Number.isNaN(accepted + opened)
    ? "How many connections were opened is not in the file."
    : `This machine accepted ${formatNumber(accepted)} TCP connections a second and opened ${formatNumber(opened)} on average.`;
  if (!(sent > 0) || Number.isNaN(again)) return opens;
  return `${opens} Of the segments that it sent, ${formatValue((100 * again) / sent, "percent")} had to be sent again.`;
}

/** None where the file has none of them, or nothing happened. */
function lines(
  context: Context,
  { id, title, names }: { id: string; title: string; names: Line[] },
): Block[] {
  const present = names.filter(([name]) => happened(context, name));
  const measures: Measure[] = measuresOf(
    context,
    present.map(([name]) => name),
  );
  const [first, ...others] = measures.map((measure): Series => ({
    label: measure.label,
    color: present.find(([name]) => name === measure.name)?.[1] ?? "blue",
    buckets: bucketsOf(context, measure),
  }));
  const unit = measures[0]?.unit;
  if (first === undefined || unit === undefined) return [];
  return [
    figure(context, {
      id,
      title,
      measures,
      draw: (text) => timeSeriesChart({ ...text, unit, series: [first, ...others] }),
    }),
  ];
}
