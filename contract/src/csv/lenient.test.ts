import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createCsvParser, type CsvSummary } from "./parse.ts";
import { maxRecordBytes } from "./records.ts";

interface Read extends CsvSummary {
  /** `timestamp:cpu_user,…` of each row that was kept, by machine. */
  rows: Record<string, string[]>;
}

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const good = "1,2,97,4096,1024";
const rowAt = (second: number, cells = good): string =>
  `${1_767_225_600 + second},web-01,${cells}\n`;

function read(text: string | Uint8Array, cut = 1000): Read {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const rows: Record<string, string[]> = {};
  const parser = createCsvParser({
    lenient: true,
    onHeader: () => {},
    onBlock({ machineId, rowCount, timestampsS, values }) {
      for (let row = 0; row < rowCount; row++) {
        const cells = values.map((column) => column[row]).join(",");
        (rows[machineId] ??= []).push(`${(timestampsS[row] ?? 0) - 1_767_225_600}:${cells}`);
      }
    },
  });
  for (let at = 0; at < bytes.length; at += cut) parser.write(bytes.subarray(at, at + cut));
  return { ...parser.end(), rows };
}

test.each([
  ["150", "range", "Is above 100 %"],
  ["-3", "range", "Is negative"],
  ["1e999", "range", "Is not finite"],
  ["NaN", "type", "Is no number"],
  ["inf", "type", "Is not finite"],
  ["n/a", "type", "Is no number"],
  ['"12,5"', "type", "Is no number"],
  ["1\u{0}2", "type", "Holds a NUL byte"],
  ['"12', "type", "has a quote that is never closed"],
])("createCsvParser({ lenient }) makes a gap of %j, counted as %s", (cell, kind, message) => {
  const { rows, damage, ...summary } = read(
    `${header},cpu_nice\n${rowAt(0, `${good},5`)}${rowAt(1, `${good},${cell}`)}${rowAt(2, `${good},7`)}`,
  );
  expect(summary).toMatchObject({ faultCount: 0, rowCount: 3 });
  expect(rows).toEqual({ "web-01": [`0:${good},5`, `1:${good},NaN`, `2:${good},7`] });
  const fault = { line: 3, column: "cpu_nice", message: expect.stringContaining(message) };
  expect(damage).toEqual([
    {
      machineId: "web-01",
      cells: [{ column: "cpu_nice", kind, count: 1, first: [expect.objectContaining(fault)] }],
      rows: [],
    },
  ]);
});

test.each([
  ["time", `yesterday,web-01,${good}\n`, "web-01", { column: "timestamp", value: "yesterday" }],
  ["time", `946684799,web-01,${good}\n`, "web-01", { column: "timestamp", value: "946684799" }],
  ["machine", `1767225601,web 01,${good}\n`, null, { column: "machine_id", value: "web 01" }],
  ["width", `1767225601,web-01,${good},1\n`, null, {}],
  ["width", `1767225601,web-01,1,2\n`, null, {}],
  ["width", `1767225601,"web-01,${good}\n`, null, {}],
  ["width", `${"\u{0}".repeat(maxRecordBytes + 1)}\n`, null, {}],
])(
  "createCsvParser({ lenient }) leaves out a row without a %s, and reads on",
  (kind, line, machineId, fault) => {
    for (const cut of [7, 100_000]) {
      if (line.length > 100_000 && cut === 7) continue;
      const { rows, damage, ...summary } = read(`${header}\n${rowAt(0)}${line}${rowAt(2)}`, cut);
      expect(summary).toMatchObject({ faultCount: 0, rowCount: 2, warnings: [] });
      expect(rows).toEqual({ "web-01": [`0:${good}`, `2:${good}`] });
      const first = [expect.objectContaining({ line: 3, ...fault })];
      expect(damage).toEqual([{ machineId, cells: [], rows: [{ kind, count: 1, first }] }]);
    }
  },
);

test("createCsvParser({ lenient }) drops a last line that was cut off, and keeps one that only lacks its end", () => {
  const whole = `${header}\n${rowAt(0)}${rowAt(1)}`;
  expect(read(whole.slice(0, -1))).toMatchObject({ rowCount: 2, damage: [] });
  const torn = read(whole.slice(0, -9));
  expect(torn.rowCount).toBe(1);
  expect(torn.damage).toMatchObject([{ rows: [{ kind: "torn", count: 1, first: [{ line: 3 }] }] }]);
});

test("createCsvParser({ lenient }) passes over the NUL bytes at the end of a file that a power cut left", () => {
  for (const length of [10, 3 * maxRecordBytes]) {
    const { rows, damage } = read(`${header}\n${rowAt(0)}${"\u{0}".repeat(length)}`, 1 << 18);
    expect(rows).toEqual({ "web-01": [`0:${good}`] });
    expect(damage).toMatchObject([{ machineId: null, rows: [{ count: 1 }] }]);
  }
});

test("createCsvParser({ lenient }) counts all of it, by machine, and describes the first five of a kind", () => {
  const bad = Array.from({ length: 40 }, (_, second) => rowAt(second, "1,150,97,4096,-1"));
  const other = rowAt(50, "?,2,97,4096,1024").replace("web-01", "db-01");
  const { damage } = read(`${header}\n${bad.join("")}${other}`);
  expect(
    damage.map(({ machineId, cells }) => [
      machineId,
      ...cells.map(({ column, kind, count, first }) => [column, kind, count, first.length]),
    ]),
  ).toEqual([
    ["web-01", ["cpu_system", "range", 40, 5], ["mem_free", "range", 40, 5]],
    ["db-01", ["cpu_user", "type", 1, 1]],
  ]);
});

test.each([
  ["", /is empty/],
  ["machine_id,cpu_user\n", /required column/],
  ["time;machine\n", /semicolons/],
  [`"${header}`, /never closed/],
  [header.padEnd(maxRecordBytes + 1, "x"), /Reading ended here/],
])("createCsvParser({ lenient }) refuses what only the header decides", (text, message) => {
  const { faults, rowCount } = read(text, 1 << 18);
  expect(rowCount).toBe(0);
  expect(faults.map((fault) => fault.message).join(" ")).toMatch(message);
});

test("createCsvParser({ lenient }) gives what the strict parser gives where that finds no fault", () => {
  const cell = fc.oneof(
    fc.constantFrom("", "0", "99.5", "100.4", "1e2", '"7"'),
    fc.constantFrom("-1", "x", "150", '"a"b', '"', "nan", "1,2"),
  );
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (cells, cut) => {
      const text = `${header}\n${cells.map((value, second) => rowAt(second, `${value},2,97,4096,1024`)).join("")}`;
      let strictRows = 0;
      const strict = createCsvParser({
        onHeader: () => {},
        onBlock: ({ rowCount }) => (strictRows += rowCount),
      });
      strict.write(new TextEncoder().encode(text));
      const { faultCount } = strict.end();
      const { damage, rowCount } = read(text, cut);
      expect(damage.length === 0).toBe(faultCount === 0);
      expect(rowCount).toBe(faultCount === 0 ? strictRows : rowCount);
    }),
  );
});
