// The report as data: what it says, not how it looks. Renderers turn it into HTML, later into other formats.
import type { Branding } from "../branding.ts";
import type { Grade } from "../validation/grade.ts";
import type { Chart } from "../charts/frame.ts";
import type { Confidence, Severity } from "../findings/finding.ts";

export interface ReportDocument {
  title: string;
  cover: Cover;
  sections: Section[];
  /** Program and version. */
  generator: string;
  /** When it was made, Unix seconds. */
  madeS: number;
  /** Whose report it is, where it is not only ours. */
  branding?: Branding | undefined;
}

export interface Cover {
  /** The machine's name. */
  heading: string;
  subheading: string;
  /** The verdict in a few words. */
  status: { tone: Tone; text: string };
  /** What it rests on, the worst first; "" where the few words say all. */
  statusText: string;
  grade: Grade;
  gradeText: string;
  facts: Fact[];
}

/** good: nothing is wrong; unknown: the data does not tell. */
type Tone = Severity | "good" | "unknown";

export interface Section {
  /** Anchor, unique in the document. */
  id: string;
  title: string;
  blocks: Block[];
}

export type Inline =
  | string
  | { kind: "strong"; text: string }
  | { kind: "code"; text: string }
  /** To an anchor of the same document. */
  | { kind: "link"; text: string; anchor: string };

export type Text = string | readonly Inline[];

export interface Fact {
  label: string;
  value: Text;
}

export type Block =
  | { kind: "heading"; text: string }
  | Paragraph
  | { kind: "list"; items: Text[] }
  | { kind: "tiles"; tiles: Tile[] }
  | Figure
  /** Side by side where there is room. */
  | { kind: "row"; figures: Figure[] }
  | Table
  | FindingBlock
  | { kind: "verdicts"; verdicts: VerdictLine[] };

export interface Paragraph {
  kind: "paragraph";
  text: Text;
  lead?: boolean;
}

export interface Tile {
  label: string;
  value: string;
  note: string;
  /** Section that tells more. */
  anchor: string;
}

export interface Figure {
  kind: "figure";
  title: string;
  note: string;
  /** The chart in words. */
  description: string;
  chart: Chart;
  /** The chart's id, to be linked to. */
  id: string;
}

export interface Table {
  kind: "table";
  caption: string;
  columns: { label: string; align: "left" | "right" }[];
  /** As many cells a row as there are columns; the first names the row. */
  rows: Text[][];
}

export interface FindingBlock {
  kind: "finding";
  id: string;
  ruleId: string;
  severity: Severity;
  confidence: Confidence;
  title: string;
  sentence: string;
  evidence: { sentence: string; threshold: string; times: string[]; anchor: string | null }[];
  /** That there is more evidence, where there is. */
  further: string | null;
  advice: string[];
  source: string;
}

/** A rule that did not fire, or whose finding is the consequence of another. */
export interface VerdictLine {
  outcome: "explained" | "clear" | "refused";
  title: string;
  sentence: string;
}
