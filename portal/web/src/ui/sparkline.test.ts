import { expect, test } from "vitest";
import { renderSparkline } from "./sparkline.tsx";

test("renderSparkline() draws from bottom to top and breaks the line at a gap", () => {
  const size = { width: 40, height: 22, max: 100 };
  expect(renderSparkline([0, 100, null, 50, 150], size)).toBe(
    "M0.0 21.0L10.0 1.0M30.0 11.0L40.0 1.0",
  );
  expect(renderSparkline([], size)).toBe("");
});
