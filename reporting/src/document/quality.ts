import type { Place } from "../validation/check.ts";
import { checks as allChecks } from "../validation/checks.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import type { Gap } from "../data/timing.ts";
import { formatCount, formatDuration, formatFixed, formatRange, formatTime } from "../format.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table, Text } from "./model.ts";

const mostGaps = 20;

export interface InputNotes {
  unknownColumns: readonly string[];
  warnings: readonly string[];
  /** Machines of the file that this report is not about, with their rows. */
  otherMachines: readonly (readonly [machineId: string, rows: number])[];
}

export function qualitySection(context: Context, grade: DataGrade, notes: InputNotes): Section {
  const { gaps } = context.dataset.timing;
  return {
    id: "quality",
    title: "Data quality",
    blocks: [
      {
        kind: "paragraph",
        text: `The data has grade ${grade.grade}, that of its worst check. ${meaning[grade.grade]}`,
      },
      ...limitBlocks(grade),
      checksTable(grade),
      ...placesBlocks(grade),
      ...(gaps.length === 0 ? [] : [gapsTable(gaps)]),
      ...noteBlocks(notes),
      { kind: "heading", text: "What the checks look for" },
      checksMeaning(),
    ],
  };
}

export const meaning = {
  A: "It supports every conclusion of this report.",
  B: "It has blemishes that do not change a conclusion.",
  C: "Conclusions hold in the main; single figures may be off.",
  D: "It is too thin or too broken for firm conclusions: take them as hints.",
  F: "It supports no conclusion.",
} as const;

function checksTable({ checks }: DataGrade): Table {
  return {
    kind: "table",
    caption: "What was checked",
    columns: [
      { label: "Check", align: "left" },
      { label: "Grade", align: "left" },
      { label: "Found", align: "left" },
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
          place.column === null ? "all" : [{ kind: "code", text: place.column }],
          place.value,
        ]),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      caption: "Where: the first places of each, or the worst",
      columns: ["Check", "At", "Column", "Found"].map((label) => ({ label, align: "left" })),
      rows,
    },
  ];
}

function describePlace({ timeS, line }: Place): string {
  if (timeS !== null) return `${formatTime(timeS)} UTC`;
  return line === null ? "throughout" : `line ${formatFixed(line, 0)}`;
}

function checksMeaning(): Table {
  return {
    kind: "table",
    caption: "Every check, with its limits; the worst decides on the grade",
    columns: ["Check", "Looks for", "Grades"].map((label) => ({ label, align: "left" })),
    rows: allChecks.map(({ name, looksFor, thresholds }) => [name, looksFor, thresholds]),
  };
}

function limitBlocks({ limits }: DataGrade): Block[] {
  if (limits.length === 0) return [];
  return [
    { kind: "heading", text: "What this data does not support" },
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
        ? `The ${mostGaps} longest of ${formatCount(gaps.length, "gap")}`
        : "Gaps: no sample between these two",
    columns: [
      { label: "Between", align: "left" },
      { label: "Length", align: "right" },
      { label: "Samples missing", align: "right" },
    ],
    rows: shown.map(({ fromS, toS, missing }) => [
      formatRange(fromS, toS),
      formatDuration(toS - fromS),
      formatFixed(missing, 0),
    ]),
  };
}

function noteBlocks({ unknownColumns, warnings, otherMachines }: InputNotes): Block[] {
  const items: string[] = [];
  if (otherMachines.length > 0) {
    const list = otherMachines
      .map(([id, rows]) => `${id} (${formatCount(rows, "row")})`)
      .join(", ");
    items.push(`The file also has other machines, which this report leaves out: ${list}.`);
  }
  if (unknownColumns.length > 0) {
    items.push(
      `Columns that the CSV standard does not know were not read: ${unknownColumns.join(", ")}.`,
    );
  }
  // The parser warns of unknown columns too; they are listed above.
  items.push(
    ...warnings.filter((warning) => !unknownColumns.some((name) => warning.includes(name))),
  );
  if (items.length === 0) return [];
  return [
    { kind: "heading", text: "Notes on the file" },
    { kind: "list", items },
  ];
}
