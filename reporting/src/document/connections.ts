import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import type { Color } from "../charts/palette.ts";
import { chartIds } from "../findings/finding.ts";
import { formatNumber, formatValue } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { texts } from "../texts/english.ts";
import { figure, happened, measuresOf, type Context } from "./context.ts";
import type { Block } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";

const words = texts.connections;

type Line = [name: string, color: Color];

/** TCP, UDP and sockets: the rest of the network section. Empty where the file has nothing of it. */
export function connectionBlocks(context: Context): Block[] {
  const measures = context.dataset.columns.filter(
    (column) =>
      /^(tcp|udp|sockets)_/.test(column.name) && context.dataset.measure(column.name) !== null,
  );
  if (measures.length === 0) return [];
  return [
    { kind: "heading", text: words.title },
    { kind: "paragraph", text: introduction(context) },
    ...lines(context, {
      id: "chart-tcp-opens",
      title: words.opens,
      names: [
        ["tcp_passive_opens", "blue"],
        ["tcp_active_opens", "orange"],
      ],
    }),
    ...lines(context, {
      id: chartIds.sockets,
      title: words.sockets,
      names: [
        ["tcp_established", "blue"],
        ["tcp_time_wait", "purple"],
      ],
    }),
    ...lines(context, {
      id: chartIds.tcpRetransmits,
      title: words.retransmits,
      names: [
        ["tcp_retransmits", "vermilion"],
        ["tcp_timeouts", "purple"],
      ],
    }),
    ...lines(context, {
      id: chartIds.listenDrops,
      title: words.turnedAway,
      names: [
        ["tcp_listen_overflows", "vermilion"],
        ["tcp_listen_drops", "orange"],
      ],
    }),
    statisticsTable(context.dataset, { caption: words.statistics, measures }),
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
    ? words.unknown
    : words.opened(formatNumber(accepted), formatNumber(opened));
  if (!(sent > 0) || Number.isNaN(again)) return opens;
  return `${opens} ${words.sentAgain(formatValue((100 * again) / sent, "percent"))}`;
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
    buckets: context.dataset.course(measure),
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
