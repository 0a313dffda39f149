import type { BatchWindow } from "../capacity/batch-windows.ts";
import { formatMinuteOfDay, type Period } from "../capacity/calendar.ts";
import type { LoadProfile, LoadTrend, ResourceProfile } from "../capacity/load-profile.ts";
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatRange,
  formatTime,
  formatValue,
} from "../format.ts";
import { averageDayFigure } from "./capacity-figures.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";

const columnNames: Record<Period, string> = {
  business: "Business",
  night: "Night",
  weekend: "Weekend",
};
const periodPhrases: Record<Period, string> = {
  business: "in business hours",
  night: "at night",
  weekend: "at a weekend",
};
const mostWindows = 12;
/** Seen this often, a window is called recurring. */
const recurringDays = 2;
const dayS = 86_400;

/** Null where nothing of it was measured. */
export function loadProfileSection(context: Context): Section | null {
  const { dataset, profile, grade } = context;
  const { resources, batchWindows, correlations } = profile;
  if (resources.length === 0) return null;
  const { lengthS } = dataset.timing;
  const averageDay = averageDayFigure(context, profile);
  return {
    id: "profile",
    title: "Load profile",
    blocks: [
      { kind: "paragraph", text: introduction(profile, lengthS) },
      periodTable(profile),
      ...(averageDay === null ? [] : [averageDay]),
      { kind: "heading", text: "Busiest hours and trend" },
      ...courseBlocks(resources, { lengthS, forbidden: grade.forbids.trend }),
      { kind: "heading", text: "Batch windows" },
      ...(batchWindows.length === 0
        ? [paragraph(noWindows(profile))]
        : [
            paragraph(
              "Stretches of at least 10 min outside of business hours in which a resource was busy to a quarter of its limit, and clearly more than it usually is in such hours.",
            ),
            windowTable(profile),
          ]),
      { kind: "heading", text: "What moves together" },
      ...(correlations.length === 0
        ? [paragraph("No two resources rose and fell together clearly enough to be named.")]
        : [
            correlationTable(profile),
            paragraph(
              "Two that move together may have one cause, or one may drive the other; the figures do not tell which. A whole daily course makes most things look related.",
            ),
          ]),
    ],
  };
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function introduction({ hours, timeZone, resources }: LoadProfile, lengthS: number): string {
  const reading = `Business hours are ${hours.text}, ${timeZone}.`;
  const first = resources[0];
  const [business, ...others] = ["business", "night", "weekend"].map((period) =>
    first?.periods.find((load) => load.period === period),
  );
  const quiet = others.find((load) => load !== undefined);
  if (first === undefined || business === undefined || quiet === undefined) {
    const only = first?.periods[0];
    const where =
      only === undefined ? "says nothing of them" : `was taken ${periodPhrases[only.period]}`;
    return `${reading} The capture of ${formatDuration(lengthS)} ${where}: it does not show how they differ from other times.`;
  }
  const [day, rest] = [business.mean, quiet.mean];
  const { label, measure } = first.use;
  const figures = `${label} was in use ${formatValue(day, measure.unit)} in business hours on average and ${formatValue(rest, measure.unit)} ${quiet.period === "night" ? "at night" : "at weekends"}`;
  const conclusion =
    day > 1.5 * rest
      ? "the machine follows people's working day"
      : rest > 1.5 * day
        ? "the machine works mostly when people do not"
        : "the load hardly depends on the time of the day";
  return `${reading} ${figures}: ${conclusion}.`;
}

function periodTable({ resources }: LoadProfile): Table {
  const shown = (["business", "night", "weekend"] as const).filter((period) =>
    resources.some(({ periods }) => periods.some((load) => load.period === period)),
  );
  return {
    kind: "table",
    caption:
      "In use in business hours, in the nights of business days, and at weekends; means of minutes",
    columns: [
      { label: "Resource", align: "left" },
      ...shown.flatMap((period) =>
        ["mean", "p95"].map((figure) => ({
          label: `${columnNames[period]} ${figure}`,
          align: "right" as const,
        })),
      ),
    ],
    rows: resources.map(({ use, periods }) => [
      use.label,
      ...shown.flatMap((period) => {
        const load = periods.find((one) => one.period === period);
        return [load?.mean, load?.p95].map((value) => formatValue(value ?? NaN, use.measure.unit));
      }),
    ]),
  };
}

/** Below two hours there is neither a busiest hour nor a course. */
function courseBlocks(
  resources: readonly ResourceProfile[],
  { lengthS, forbidden }: { lengthS: number; forbidden: string | null },
): Block[] {
  if (forbidden !== null && resources.every(({ busiestHour }) => busiestHour === null)) {
    return [paragraph(`${forbidden} A busiest hour needs two hours of data.`)];
  }
  return [
    courseTable(resources, { lengthS, trends: forbidden === null }),
    paragraph(forbidden ?? trendNote(lengthS)),
  ];
}

function courseTable(
  resources: readonly ResourceProfile[],
  { lengthS, trends }: { lengthS: number; trends: boolean },
): Table {
  return {
    kind: "table",
    caption: "The busiest hour of each resource, and how its use changed over the capture",
    columns: [
      { label: "Resource", align: "left" },
      { label: "Busiest hour (UTC)", align: "left" },
      { label: "Mean in it", align: "right" },
      { label: lengthS < 3 * dayS ? "Change an hour" : "Change a day", align: "right" },
      { label: "With 95 % confidence between", align: "left" },
    ],
    rows: resources.map(({ use, busiestHour, trend: found }) => {
      const trend = trends ? found : null;
      const { unit } = use.measure;
      const perHour = lengthS < 3 * dayS;
      const change = (perDay: number): string => signed(perHour ? perDay / 24 : perDay, unit);
      return [
        use.label,
        busiestHour === null ? "–" : formatTime(busiestHour.startS),
        busiestHour === null ? "–" : formatValue(busiestHour.mean, unit),
        trend === null ? "–" : describeTrend(trend, change),
        trend === null || !Number.isFinite(trend.lowPerDay)
          ? "–"
          : `${change(trend.lowPerDay)} and ${change(trend.highPerDay)}`,
      ];
    }),
  };
}

function describeTrend(
  { perDay, lowPerDay, highPerDay }: LoadTrend,
  change: (perDay: number) => string,
): string {
  return lowPerDay > 0 || highPerDay < 0 ? change(perDay) : "none that is sure";
}

function signed(value: number, unit: Parameters<typeof formatValue>[1]): string {
  const text = formatValue(Math.abs(value), unit);
  // A change too small to be written is none.
  if (!/[1-9]/.test(text)) return "0";
  return `${value > 0 ? "+" : "−"}${text}`;
}

function trendNote(lengthS: number): string {
  const method =
    "The change is the median of the slopes between all pairs of equal spans (Theil–Sen), which single peaks do not bend.";
  if (lengthS < dayS) {
    return `${method} Within ${formatDuration(lengthS)} it is part of the daily course, and says nothing about growth.`;
  }
  return lengthS < 7 * dayS
    ? `${method} Below a week it may be the difference between weekdays rather than growth.`
    : method;
}

function noWindows({ resources, hours }: LoadProfile): string {
  const outside = resources.some(({ periods }) =>
    periods.some(({ period }) => period !== "business"),
  );
  return outside
    ? `Outside of business hours (${hours.text}) no resource was busy for long.`
    : "The capture holds business hours only.";
}

function windowTable({ batchWindows }: LoadProfile): Table {
  return {
    kind: "table",
    caption:
      batchWindows.length > mostWindows
        ? `The first ${mostWindows} of ${batchWindows.length} batch windows`
        : "Batch windows",
    columns: [
      { label: "Starts at", align: "left" },
      { label: "Lasts", align: "right" },
      { label: "Seen", align: "left" },
      { label: "What was busy", align: "left" },
    ],
    rows: batchWindows.slice(0, mostWindows).map((window) => [
      formatMinuteOfDay(window.startMinute),
      formatDuration(window.lengthS),
      seen(window),
      window.busy
        .slice(0, 3)
        .map(({ load, mean }) => `${load.label} ${formatValue(mean, load.unit)}`)
        .join(", "),
    ]),
  };
}

function seen({ occurrences, dayCount, overrunS }: BatchWindow): string {
  const [first] = occurrences;
  const over = overrunS > 0 ? `, up to ${formatDuration(overrunS)} into business hours` : "";
  if (dayCount >= recurringDays) return `on ${formatCount(dayCount, "day")}${over}`;
  return first === undefined ? "–" : `once, ${formatRange(first.startS, first.endS)}${over}`;
}

function correlationTable({ correlations }: LoadProfile): Table {
  return {
    kind: "table",
    caption: "Strongest correlations, of ranks (Spearman), of means over equal spans",
    columns: [
      { label: "One", align: "left" },
      { label: "The other", align: "left" },
      { label: "Correlation", align: "right" },
      { label: "Means compared", align: "right" },
      { label: "In words", align: "left" },
    ],
    rows: correlations.map(({ one, other, coefficient, count }) => [
      one,
      other,
      formatFixed(coefficient, 2),
      formatFixed(count, 0),
      coefficient > 0 ? "rise and fall together" : "one rises when the other falls",
    ]),
  };
}
