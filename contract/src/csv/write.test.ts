import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCsvParser } from "./parse.ts";
import { createCsvRenderer, renderTextCell, type CsvRows } from "./write.ts";

const required = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parseAll(...parts: Uint8Array[]): CsvRows[] {
  const blocks: CsvRows[] = [];
  let columns: string[] = [];
  const parser = createCsvParser({
    onHeader: (header) => (columns = header.columns.map(({ name }) => name)),
    onBlock: ({ machineId, rowCount, timestampsS, values }) =>
      blocks.push({
        machineId,
        rowCount,
        columns,
        timestampsS: Array.from(timestampsS.subarray(0, rowCount)),
        values: values.map((column) => Array.from(column.subarray(0, rowCount))),
      }),
  });
  for (const part of parts) parser.write(part);
  expect(parser.end()).toMatchObject({ faults: [] });
  return blocks;
}

describe("createCsvRenderer()", () => {
  test("createCsvRenderer() puts columns in the catalogue's order, devices in natural order, required ones always", () => {
    const renderer = createCsvRenderer([
      "net_eth10_rx_bytes",
      "net_eth2_tx_bytes",
      "net_eth2_rx_bytes",
      "disk_sdb_busy",
      "disk_sda_reads",
      "cpu10_idle",
      "cpu2_user",
      "load1",
    ]);
    expect(text(renderer.renderHeader())).toBe(
      "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,load1,mem_total,mem_free,cpu2_user,cpu10_idle,disk_sda_reads," +
        "disk_sdb_busy,net_eth2_rx_bytes,net_eth2_tx_bytes,net_eth10_rx_bytes\n",
    );
  });

  test("renderRows() writes gaps as empty cells, also for columns that the rows lack", () => {
    const rows = {
      machineId: "web-01",
      rowCount: 2,
      timestampsS: [1767225600, 1767225601, 99],
      columns: ["load1", "cpu_user"],
      values: [
        [0.25, Number.NaN],
        [12.5, 100],
      ],
    };
    expect(text(createCsvRenderer(["load1"]).renderRows(rows))).toBe(
      "1767225600,web-01,12.5,,,0.25,,\n1767225601,web-01,100,,,,,\n",
    );
  });

  test.each([
    [0, "0"],
    [-0, "0"],
    [0.07, "0.07"],
    [0.1, "0.1"],
    [99.99, "99.99"],
    [1.005, "1.005"],
    [4294967296, "4294967296"],
    [999999999999.25, "999999999999.25"],
    [1234567890123456, "1234567890123456"],
    [1e21, "1e+21"],
    [1 / 3, "0.3333333333333333"],
    [5e-324, "5e-324"],
  ])("renderRows() writes %d as %s", (value, cell) => {
    const rows = {
      machineId: "a",
      rowCount: 1,
      timestampsS: [1e9],
      columns: ["mem_free"],
      values: [[value]],
    };
    expect(text(createCsvRenderer([]).renderRows(rows))).toBe(`1000000000,a,,,,,${cell}\n`);
  });

  test("renderRows() writes up to six decimals as JavaScript does", () => {
    const decimal = fc
      .tuple(fc.nat(1e9 - 1), fc.nat(999_999))
      .map(([whole, rest]) => whole + rest / 1e6);
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1 }), (values) => {
        const rows = {
          machineId: "a",
          rowCount: values.length,
          timestampsS: values.map(() => 1e9),
          columns: ["mem_free"],
          values: [values],
        };
        const lines = values.map((value) => `1000000000,a,,,,,${String(value)}\n`);
        expect(text(createCsvRenderer([]).renderRows(rows))).toBe(lines.join(""));
      }),
    );
  });

  test("createCsvRenderer() refuses what CSV cannot hold", () => {
    expect(() => createCsvRenderer(["nonsense"])).toThrow('Cannot write column "nonsense"');
    const rows = {
      machineId: "a",
      rowCount: 1,
      timestampsS: [1e9],
      columns: ["load1"],
      values: [[1]],
    };
    expect(() => createCsvRenderer([]).renderRows(rows)).toThrow(
      'the header has no column "load1"',
    );
    expect(() =>
      createCsvRenderer(["load1"]).renderRows({ ...rows, values: [[Infinity]] }),
    ).toThrow(RangeError);
    expect(() => createCsvRenderer(["load1"]).renderRows({ ...rows, timestampsS: [] })).toThrow(
      RangeError,
    );
  });
});

test("renderTextCell() disarms what a spreadsheet would run, and quotes what RFC 4180 asks for", () => {
  expect(
    ["web-01", "-a", "=1+1", "+1", "@a", "\tx", 'a"b', "a,b", "=a\nb"].map(renderTextCell),
  ).toEqual(["web-01", "'-a", "'=1+1", "'+1", "'@a", "'\tx", '"a""b"', '"a,b"', '"\'=a\nb"']);
});

describe("written and read", () => {
  const optional = [
    "load1",
    "disk_cciss!c0d0_reads",
    "disk_a;b_busy",
    "fs_/srv/my\\040data_used",
    "fs_/_size_bytes",
    'net_q"q_rx_bytes',
    "cpu0_user",
    "net_eth0.100_tx_drops",
  ];
  const percent = fc.oneof(
    fc.constant(Number.NaN),
    fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  const amount = fc.oneof(
    fc.constant(Number.NaN),
    fc.maxSafeNat(),
    fc.double({ min: 0, max: 1e24, noNaN: true }),
  );
  const machineId = fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/);
  const timeS = fc.integer({ min: 946684800, max: 4102444799 });
  const block = fc
    .tuple(fc.subarray(optional), machineId, fc.array(timeS, { minLength: 1, maxLength: 8 }))
    .chain(([extra, id, times]) => {
      const columns = [...required, ...extra];
      const cells = columns.map((name) =>
        fc.array(/^cpu|_(?:busy|used)$/.test(name) ? percent : amount, {
          minLength: times.length,
          maxLength: times.length,
        }),
      );
      return fc.tuple(...cells).map((values) => ({
        machineId: id,
        rowCount: times.length,
        timestampsS: times,
        columns,
        values,
      }));
    });

  test("parse gives back what the renderer wrote, gaps included", () => {
    fc.assert(
      fc.property(block, (rows) => {
        const renderer = createCsvRenderer(rows.columns);
        const [read, ...others] = parseAll(renderer.renderHeader(), renderer.renderRows(rows));
        expect(others).toEqual([]);
        expect(read?.machineId).toBe(rows.machineId);
        expect(read?.timestampsS).toEqual(rows.timestampsS);
        const given = new Map(
          rows.columns.map((name, at) => [name, rows.values[at]?.map((value) => value + 0)]),
        );
        expect(new Map(read?.columns.map((name, at) => [name, read.values[at]]))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  test("the renderer gives back what it wrote and parse read, byte by byte", () => {
    fc.assert(
      fc.property(block, (rows) => {
        const renderer = createCsvRenderer(rows.columns);
        const once = [renderer.renderHeader(), renderer.renderRows(rows)];
        const again = createCsvRenderer(parseAll(...once)[0]?.columns ?? []);
        expect(text(again.renderHeader())).toBe(text(renderer.renderHeader()));
        expect(parseAll(...once).map((read) => text(again.renderRows(read)))).toEqual([
          text(once[1] ?? new Uint8Array()),
        ]);
      }),
    );
  });

  test("every cell is text of its own: no cell begins as a formula", () => {
    fc.assert(
      fc.property(block, (rows) => {
        const renderer = createCsvRenderer(rows.columns);
        for (const cell of text(renderer.renderRows(rows)).split(/[,\n]/))
          expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        for (const cell of renderer.columns) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  test("renderRows() has room for a row of any length", () => {
    const columns = Array.from({ length: 9000 }, (_, cpu) => `cpu${cpu}_user`);
    const longest = -2.2250738585072014e-308;
    const values = columns.map(() => [longest]);
    const renderer = createCsvRenderer(columns);
    const bytes = renderer.renderRows({
      machineId: "a",
      rowCount: 1,
      timestampsS: [1],
      columns,
      values,
    });
    const cells = new TextDecoder().decode(bytes).trimEnd().split(",");
    expect(cells.filter((cell) => cell === String(longest))).toHaveLength(columns.length);
  });
});
