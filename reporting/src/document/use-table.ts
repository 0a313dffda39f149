// Brendan Gregg's USE method, https://www.brendangregg.com/usemethod.html: of every resource its utilisation, its saturation
// and its errors, and which of them nobody measured.
import { formatValue } from "../format.ts";
import type { Context } from "./context.ts";
import { measuresOf } from "./context.ts";
import type { Paragraph, Table } from "./model.ts";
import { texts } from "../texts/english.ts";

const words = texts.use;

export interface UseColumns {
  utilisation: readonly string[];
  saturation: readonly string[];
  errors: readonly string[];
}

/** A row a measure; a kind without any says so, for absent is not zero. A sentence where that is all there is to say. */
export function useBlock(
  context: Context,
  resource: string,
  columns: UseColumns,
): Table | Paragraph {
  const { utilisation, saturation, errors } = columns;
  if (measuresOf(context, [...utilisation, ...saturation, ...errors]).length === 0) {
    return { kind: "paragraph", text: words.noneMeasured(resource) };
  }
  const kinds: [label: string, names: readonly string[]][] = [
    [words.utilisation, columns.utilisation],
    [words.saturation, columns.saturation],
    [words.errors, columns.errors],
  ];
  return {
    kind: "table",
    caption: words.caption(resource),
    columns: [
      { label: words.columns.kind, align: "left" },
      { label: words.columns.measuredBy, align: "left" },
      { label: words.columns.mean, align: "right" },
      { label: words.columns.p95, align: "right" },
      { label: words.columns.max, align: "right" },
    ],
    rows: kinds.flatMap(([kind, names]) => {
      const measures = measuresOf(context, names);
      if (measures.length === 0) return [[kind, words.absent, "–", "–", "–"]];
      return measures.map((measure, index) => {
        const { mean, p95, max } = context.dataset.summary(measure);
        const cells = [mean, p95, max].map((value) => formatValue(value, measure.unit));
        return [index === 0 ? kind : "", measure.label, ...cells];
      });
    }),
  };
}
