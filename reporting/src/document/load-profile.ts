import type { BatchWindow } from "../capacity/batch-windows.ts";
import { formatMinuteOfDay } from "../capacity/calendar.ts";
import type { LoadProfile, LoadTrend, ResourceProfile } from "../capacity/load-profile.ts";
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatRange,
  formatTime,
  formatValue,
} from "../format.ts";
import { texts } from "../texts/english.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import { averageDayFigure } from "./capacity-figures.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";

const words = texts.profile;
const mostWindows = 12;
/** Of the level, the largest for their resource. */
const mostChanges = 8;
/** Seen this often, a window is called recurring. */
const recurringDays = 2;
const dayS = 86_400;

/** Null where nothing of it was measured. */
export function loadProfileSection(context: Context): Section | null {
  const { dataset, profile, grade } = context;
  const { resources, batchWindows, correlations } = profile;
  if (resources.length === 0) return null;
  const { lengthS } = dataset.timing;
  const averageDay =
    grade.forbids.dailyProfile === null ? averageDayFigure(context, profile) : null;
  return {
    id: "profile",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: introduction(profile, lengthS) },
      periodTable(profile),
      ...(averageDay === null ? [] : [averageDay]),
      { kind: "heading", text: words.course },
      ...courseBlocks(resources, { lengthS, forbidden: grade.forbids.trend }),
      ...changeBlocks(profile, grade.forbids),
      { kind: "heading", text: words.batches },
      ...(batchWindows.length === 0
        ? [paragraph(noWindows(profile))]
        : [paragraph(words.batchesMeaning), windowTable(profile)]),
      { kind: "heading", text: words.together },
      ...(correlations.length === 0
        ? [paragraph(words.notTogether)]
        : [correlationTable(profile), paragraph(words.togetherMeaning)]),
    ],
  };
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function introduction({ hours, timeZone, resources }: LoadProfile, lengthS: number): string {
  const reading = words.hours(hours.text, timeZone);
  const first = resources[0];
  const [business, ...others] = ["business", "night", "weekend"].map((period) =>
    first?.periods.find((load) => load.period === period),
  );
  const quiet = others.find((load) => load !== undefined);
  if (first === undefined || business === undefined || quiet === undefined) {
    const only = first?.periods[0];
    const duration = formatDuration(lengthS);
    return `${reading} ${only === undefined ? words.noPeriod(duration) : words.onePeriod(duration, words.phrases[only.period])}`;
  }
  const [day, rest] = [business.mean, quiet.mean];
  const { label, measure } = first.use;
  const figures = words.compare(label, {
    day: formatValue(day, measure.unit),
    rest: formatValue(rest, measure.unit),
    other: words.phrases[quiet.period],
  });
  const conclusion =
    day > 1.5 * rest ? words.byDay : rest > 1.5 * day ? words.byNight : words.byNeither;
  return `${reading} ${figures}: ${conclusion}.`;
}

function periodTable({ resources }: LoadProfile): Table {
  const shown = (["business", "night", "weekend"] as const).filter((period) =>
    resources.some(({ periods }) => periods.some((load) => load.period === period)),
  );
  return {
    kind: "table",
    caption: words.periods,
    columns: [
      { label: words.resource, align: "left" },
      ...shown.flatMap((period) =>
        ["mean", "p95"].map((figure) => ({
          label: `${words.columns[period]} ${figure}`,
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
    return [paragraph(`${forbidden} ${words.noBusiestHour}`)];
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
    caption: words.courseCaption,
    columns: [
      { label: words.resource, align: "left" },
      { label: words.courseColumns.hour, align: "left" },
      { label: words.courseColumns.mean, align: "right" },
      {
        label: lengthS < 3 * dayS ? words.courseColumns.perHour : words.courseColumns.perDay,
        align: "right",
      },
      { label: words.courseColumns.bounds, align: "left" },
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
          : words.bounds(change(trend.lowPerDay), change(trend.highPerDay)),
      ];
    }),
  };
}

function describeTrend(
  { perDay, lowPerDay, highPerDay }: LoadTrend,
  change: (perDay: number) => string,
): string {
  return lowPerDay > 0 || highPerDay < 0 ? change(perDay) : words.noTrend;
}

function signed(value: number, unit: Parameters<typeof formatValue>[1]): string {
  const text = formatValue(Math.abs(value), unit);
  // A change too small to be written is none.
  if (!/[1-9]/.test(text) || text.startsWith("<")) return "0";
  return `${value > 0 ? "+" : "−"}${text}`;
}

function trendNote(lengthS: number): string {
  const { method } = words;
  if (lengthS < dayS) {
    return `${method} ${words.withinDay(formatDuration(lengthS))}`;
  }
  return lengthS < 7 * dayS ? `${method} ${words.withinWeek}` : method;
}

/** When the level changed, and whether days resemble one another. */
function changeBlocks({ resources }: LoadProfile, forbids: DataGrade["forbids"]): Block[] {
  const changes = resources.flatMap(({ use, changes: own }) =>
    own.map((change) => ({ use, ...change })),
  );
  const sizeOf = ({ use, before, after }: (typeof changes)[number]): number =>
    Math.abs(after - before) / use.limit;
  const largest = changes.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, mostChanges);
  const resemblances = resources.flatMap(({ use, dayResemblance }) =>
    dayResemblance === null ? [] : [`${use.label} ${formatFixed(dayResemblance, 2)}`],
  );
  const shown: Block[] =
    forbids.trend !== null
      ? []
      : changes.length === 0
        ? [paragraph(words.noChanges)]
        : [
            {
              kind: "table",
              caption:
                changes.length > mostChanges
                  ? words.largestChanges(mostChanges, changes.length)
                  : words.changes,
              columns: [
                { label: words.resource, align: "left" },
                { label: words.changeColumns.at, align: "left" },
                { label: words.changeColumns.before, align: "right" },
                { label: words.changeColumns.after, align: "right" },
              ],
              rows: largest
                .toSorted((a, b) => a.atS - b.atS)
                .map(({ use, atS, before, after }) => [
                  use.label,
                  formatTime(atS),
                  formatValue(before, use.measure.unit),
                  formatValue(after, use.measure.unit),
                ]),
            },
            paragraph(words.changesMeaning),
          ];
  const days =
    resemblances.length === 0 || forbids.dailyProfile !== null
      ? []
      : [paragraph(words.days(resemblances.join(", ")))];
  return [...shown, ...days];
}

function noWindows({ resources, hours }: LoadProfile): string {
  const outside = resources.some(({ periods }) =>
    periods.some(({ period }) => period !== "business"),
  );
  return outside ? words.noBatches(hours.text) : words.businessOnly;
}

function windowTable({ batchWindows, timeZone }: LoadProfile): Table {
  return {
    kind: "table",
    caption:
      batchWindows.length > mostWindows
        ? words.firstBatches(mostWindows, batchWindows.length)
        : words.allBatches,
    columns: [
      { label: words.batchColumns.start(timeZone), align: "left" },
      { label: words.batchColumns.length, align: "right" },
      { label: words.batchColumns.seen, align: "left" },
      { label: words.batchColumns.busy, align: "left" },
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
  const over = overrunS > 0 ? words.overrun(formatDuration(overrunS)) : "";
  if (dayCount >= recurringDays) return words.seenDays(formatCount(dayCount, "day")) + over;
  return first === undefined ? "–" : words.seenOnce(formatRange(first.startS, first.endS)) + over;
}

function correlationTable({ correlations }: LoadProfile): Table {
  return {
    kind: "table",
    caption: words.togetherCaption,
    columns: [
      { label: words.togetherColumns.one, align: "left" },
      { label: words.togetherColumns.other, align: "left" },
      { label: words.togetherColumns.coefficient, align: "right" },
      { label: words.togetherColumns.count, align: "right" },
      { label: words.togetherColumns.words, align: "left" },
    ],
    rows: correlations.map(({ one, other, coefficient, count }) => [
      one,
      other,
      formatFixed(coefficient, 2),
      formatFixed(count, 0),
      coefficient > 0 ? words.along : words.against,
    ]),
  };
}
