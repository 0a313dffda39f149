import { expect, test } from "vitest";
import { parseHostFacts } from "./host-facts.ts";
import { unknownMachine } from "./machine-facts.ts";

test("parseHostFacts() takes what is told, and leaves the rest unknown", () => {
  const host = { kernel: "6.1.0", cpu_count: 8, memory_bytes: null, later: [] };
  expect(parseHostFacts(JSON.stringify(host))).toEqual({
    ...unknownMachine,
    kernel: "6.1.0",
    cpuCount: 8,
  });
});

test.each(["[", "null", `"x"`, `{"kernel":6}`, `{"cpu_count":"8"}`, `{"memory_bytes":-1}`])(
  "parseHostFacts() refuses %s",
  (json) => {
    expect(() => parseHostFacts(json)).toThrow(SyntaxError);
  },
);
