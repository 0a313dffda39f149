import { expect, test } from "vitest";
import { renderValue } from "./format.ts";

test("renderValue() gives three significant digits and the unit", () => {
  expect(renderValue(12.345, "percent")).toBe("12.3 %");
  expect(renderValue(100, "percent")).toBe("100 %");
  expect(renderValue(0, "percent")).toBe("0 %");
  expect(renderValue(1536 * 1024 * 1024, "bytes")).toBe("1.5 GiB");
  expect(renderValue(340_400, "bytes/s")).toBe("332 KiB/s");
  expect(renderValue(12.34, "1/s")).toBe("12.3 /s");
  expect(renderValue(1_234, "ms")).toBe("1.23 s");
  expect(renderValue(0.256, "count")).toBe("0.26");
});

test("renderValue() takes the next prefix when rounding would give 1000", () => {
  expect(renderValue(999.7, "1/s")).toBe("1 k/s");
  expect(renderValue(1023.8 * 1024, "bytes")).toBe("1 MiB");
});

test("renderValue() shows a gap as a dash, never as 0", () => {
  expect(renderValue(null, "percent")).toBe("–");
  expect(renderValue(undefined, "bytes")).toBe("–");
});
