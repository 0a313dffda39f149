import type { Place } from "../validation/check.ts";
import { checks as allChecks } from "../validation/checks.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import type { Gap } from "../data/timing.ts";
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatRange,
  formatTime,
  keepUnits,
} from "../format.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table, Text } from "./model.ts";
import { texts } from "../texts/english.ts";

const words = texts.quality;
const mostGaps = 20;

export interface InputNotes {
  warnings: readonly string[];
  /** Machines of the file that this report is not about, with their rows. */
  otherMachines: readonly (readonly [machineId: string, rows: number])[];
}

export const meaning = words.meanings;

export function qualitySection(context: Context, grade: DataGrade, notes: InputNotes): Section {
  const { gaps } = context.dataset.timing;
  return {
    id: "quality",
    title: words.title,
    blocks: [
      {
        kind: "paragraph",
        text: words.introduction(grade.grade, meaning[grade.grade]),
      },
      ...limitBlocks(grade),
      checksTable(grade),
      ...placesBlocks(grade),
      ...(gaps.length === 0 ? [] : [gapsTable(gaps)]),
      ...noteBlocks(notes),
      { kind: "heading", text: words.checksMeaning },
      checksMeaning(),
    ],
  };
}

function checksTable({ checks }: DataGrade): Table {
  return {
    kind: "table",
    caption: words.checks,
    columns: [
      { label: words.check, align: "left" },
      { label: words.grade, align: "left" },
      { label: words.found, align: "left" },
    ],
    rows: checks.map(({ name, grade, sentence }) => [name, grade, sentence]),
  };
}

/** Of checks that found something: where it is. */
function placesBlocks({ checks }: DataGrade): Block[] {
  const rows = checks.flatMap(({ name, grade, places }) =>
    grade === "A"
      ? []
      : places.map((place): Text[] => [
          name,
          describePlace(place),
          place.column === null ? words.allColumns : [{ kind: "code", text: place.column }],
          place.value,
        ]),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      caption: words.places,
      columns: [words.check, words.at, words.column, words.found].map((label) => ({
        label,
        align: "left",
      })),
      rows,
    },
  ];
}

function describePlace({ timeS, line }: Place): string {
  if (timeS !== null) return `${formatTime(timeS)} UTC`;
  return line === null ? words.throughout : words.line(formatFixed(line, 0));
}

function checksMeaning(): Table {
  return {
    kind: "table",
    caption: words.allChecks,
    columns: [words.check, words.looksFor, words.grades].map((label) => ({ label, align: "left" })),
    rows: allChecks.map(({ name, looksFor, thresholds }) => [
      name,
      keepUnits(looksFor),
      keepUnits(thresholds),
    ]),
  };
}

function limitBlocks({ limits }: DataGrade): Block[] {
  if (limits.length === 0) return [];
  return [
    { kind: "heading", text: words.limits },
    { kind: "list", items: limits },
  ];
}

function gapsTable(gaps: readonly Gap[]): Table {
  const longest = gaps.toSorted((a, b) => b.missing - a.missing).slice(0, mostGaps);
  const shown = longest.toSorted((a, b) => a.fromS - b.fromS);
  return {
    kind: "table",
    caption:
      gaps.length > mostGaps
        ? words.longestGaps(mostGaps, formatCount(gaps.length, "gap"))
        : words.gaps,
    columns: [
      { label: words.between, align: "left" },
      { label: words.length, align: "right" },
      { label: words.missing, align: "right" },
    ],
    rows: shown.map(({ fromS, toS, missing }) => [
      formatRange(fromS, toS),
      formatDuration(toS - fromS),
      formatFixed(missing, 0),
    ]),
  };
}

function noteBlocks({ warnings, otherMachines }: InputNotes): Block[] {
  const items: string[] = [];
  if (otherMachines.length > 0) {
    const list = otherMachines
      .map(([id, rows]) => words.machine(id, formatCount(rows, "row")))
      .join(", ");
    items.push(words.otherMachines(list));
  }
  items.push(...warnings);
  if (items.length === 0) return [];
  return [
    { kind: "heading", text: words.notes },
    { kind: "list", items },
  ];
}
