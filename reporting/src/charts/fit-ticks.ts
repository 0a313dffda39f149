// Which of many ticks have room for their texts.

export interface PlacedTick {
  /** Share of the plot's width. */
  share: number;
  text: string;
  /** Below the first; "" for none. */
  secondText: string;
}

/** Of a plot, in pixels, where all ticks are shown: style.ts leaves the minor ones out of charts up to 34rem wide. */
export const leastWide = 480;
/** On a phone. */
export const leastNarrow = 260;
/** Between two texts. */
const gap = 6;

/** Whether no two texts of a line touch in a plot of so many pixels. */
export function fitTicks(ticks: readonly PlacedTick[], width: number): boolean {
  const texts = (textOf: (tick: PlacedTick) => string): boolean => {
    let endsAt = -Infinity;
    return ticks.every((tick) => {
      const text = textOf(tick);
      if (text === "") return true;
      const wide = widthOf(text);
      const startsAt = tick.share * width - anchorShares[anchorOf(tick.share)] * wide;
      const isFree = startsAt >= endsAt + gap;
      endsAt = startsAt + wide;
      return isFree;
    });
  };
  return texts(({ text }) => text) && texts(({ secondText }) => secondText);
}

/** At the edges of a plot texts lie within it. */
export function anchorOf(share: number): "start" | "middle" | "end" {
  return share < 0.01 ? "start" : share > 0.985 ? "end" : "middle";
}

const anchorShares = { start: 0, middle: 0.5, end: 1 } as const;

/** Of 12 pixels in the widest of the fonts that readers have (DejaVu Sans, Verdana). */
function widthOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + widthOfCharacter(character), 0);
}

function widthOfCharacter(character: string): number {
  if (": \u{a0}".includes(character)) return 4.1;
  return "Mm".includes(character) ? 11.5 : 7.65;
}
