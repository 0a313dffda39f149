import { expect, test } from "vitest";
import { parseLineSpeeds } from "./line-speeds.ts";

test("parseLineSpeeds() takes megabits and gives bytes", () => {
  expect([...parseLineSpeeds("eth0=1000, bond0.7 = 2500")]).toEqual([
    ["eth0", 125e6],
    ["bond0.7", 312.5e6],
  ]);
});

test.each(["", "eth0", "eth0=", "eth0=fast", "eth0=0", "eth0=1000,", "=1000"])(
  "parseLineSpeeds() refuses %j and says how to write it",
  (text) => {
    expect(() => parseLineSpeeds(text)).toThrow(/Cannot use network speeds.*eth0=1000/);
  },
);
