import { expect, test } from "vitest";
import {
  parseRange,
  pointsFor,
  presets,
  renderRange,
  toRangeSearch,
  toSpan,
  zoomIn,
} from "./time-range.ts";

test("parseRange() reads back what toRangeSearch() wrote", () => {
  for (const { key } of presets) {
    const range = parseRange({ range: key });
    expect(range === null ? null : toRangeSearch(range)).toEqual({ range: key });
  }
  expect(parseRange({ from: 10, to: 20 })).toEqual({ kind: "between", fromS: 10, toS: 20 });
});

test("parseRange() takes nothing from an address that makes no sense", () => {
  expect(parseRange({})).toBeNull();
  expect(parseRange({ range: "2 weeks" })).toBeNull();
  expect(parseRange({ from: 20, to: 20 })).toBeNull();
});

test("toSpan() ends relative ranges behind the machine's newest sample, not at this computer's clock", () => {
  const samples = { fromS: 1000, toS: 5001 };
  expect(toSpan({ kind: "last", lengthS: 300 }, samples)).toEqual({ fromS: 4701, toS: 5001 });
  expect(toSpan({ kind: "all" }, samples)).toEqual(samples);
});

test("toSpan() leaves out the time before the first sample, but shows a minute at least", () => {
  const lastHour = { kind: "last", lengthS: 3_600 } as const;
  expect(toSpan(lastHour, { fromS: 1000, toS: 1400 })).toEqual({ fromS: 1000, toS: 1400 });
  expect(toSpan(lastHour, { fromS: 1000, toS: 1001 })).toEqual({ fromS: 941, toS: 1001 });
});

test("toSpan() puts the only sample in the middle", () => {
  expect(toSpan({ kind: "all" }, { fromS: 1000, toS: 1001 })).toEqual({ fromS: 998, toS: 1003 });
});

test("renderRange() says so where a range is longer than the machine's samples", () => {
  const lastHour = { kind: "last", lengthS: 3_600 } as const;
  expect(renderRange(lastHour, { fromS: 0, toS: 3_600 })).toBe("Last 1 h");
  expect(renderRange(lastHour, { fromS: 0, toS: 90 })).toBe("All samples, 1 min 30 s");
  expect(renderRange({ kind: "all" }, { fromS: 0, toS: 90 })).toBe("All samples, 1 min 30 s");
  expect(renderRange({ kind: "between", fromS: 0, toS: 90 }, { fromS: 0, toS: 90 })).toBe(
    "1 min 30 s",
  );
});

test("pointsFor() asks for every sample of 15 minutes, and for buckets of longer ranges", () => {
  expect(pointsFor({ fromS: 0, toS: 300 })).toBe(300);
  expect(pointsFor({ fromS: 0, toS: 900 })).toBe(900);
  expect(pointsFor({ fromS: 0, toS: 901 })).toBe(720);
  expect(pointsFor({ fromS: 0, toS: 0.5 })).toBe(1);
});

test("zoomIn() halves the span around the place and stays inside", () => {
  expect(zoomIn({ fromS: 0, toS: 100 }, 50)).toEqual({ fromS: 25, toS: 75 });
  expect(zoomIn({ fromS: 0, toS: 100 }, 2)).toEqual({ fromS: 0, toS: 50 });
  expect(zoomIn({ fromS: 0, toS: 100 }, 99)).toEqual({ fromS: 50, toS: 100 });
  expect(zoomIn({ fromS: 0, toS: 6 }, 3)).toEqual({ fromS: 1, toS: 6 });
  expect(zoomIn({ fromS: 0, toS: 3 }, 1)).toEqual({ fromS: 0, toS: 3 });
});
