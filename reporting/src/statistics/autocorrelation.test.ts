import { expect, test } from "vitest";
import { autocorrelation } from "./autocorrelation.ts";

test("autocorrelation() equals R's acf()", () => {
  // acf(c(1, 3, 2, 5, 4), lag.max = 2, plot = FALSE)$acf
  const [r0 = NaN, r1 = NaN, r2 = NaN] = autocorrelation(Float64Array.of(1, 3, 2, 5, 4), 2);
  expect(r0).toBe(1);
  expect(r1).toBeCloseTo(0, 15);
  expect(r2).toBeCloseTo(0.1, 15);
});

test("autocorrelation() shows a period at its lag, gaps or not", () => {
  const values = Float64Array.from({ length: 240 }, (_, row) =>
    row % 17 === 0 ? NaN : Math.sin((2 * Math.PI * row) / 24),
  );
  const coefficients = autocorrelation(values, 30);
  expect(coefficients[24]).toBeGreaterThan(0.8);
  expect(coefficients[12]).toBeLessThan(-0.8);
});

test("autocorrelation() has no coefficients of a series that does not vary, nor beyond its length", () => {
  expect([...autocorrelation(Float64Array.of(0.1, 0.1, 0.1), 1)]).toEqual([NaN, NaN]);
  expect([...autocorrelation(new Float64Array(), 1)]).toEqual([NaN, NaN]);
  expect(autocorrelation(Float64Array.of(1, 2), 2)[2]).toBeNaN();
});

test.each([-1, 1.5, NaN])("autocorrelation() refuses the largest lag %s", (maxLag) => {
  expect(() => autocorrelation(Float64Array.of(1, 2), maxLag)).toThrow(RangeError);
});
