import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCsvParser, type CsvParserOptions, type CsvSummary } from "./parse.ts";

interface ParsedRow {
  line: number;
  machineId: string;
  timeS: number;
  values: (number | null)[];
}

interface Parsed extends CsvSummary {
  columns: string[];
  rows: ParsedRow[];
}

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const row = "1767225600,web-01,1.5,2,96.5,4096,1024";

function parse(
  input: string | Uint8Array,
  options: Partial<CsvParserOptions> = {},
  cuts: number[] = [],
): Parsed {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const rows: ParsedRow[] = [];
  let columns: string[] = [];
  const parser = createCsvParser({
    onHeader(read) {
      columns = read.columns.map(({ name }) => name);
    },
    onBlock(block) {
      for (let index = 0; index < block.rowCount; index++) {
        const values = block.values.map((column) => column[index] ?? Number.NaN);
        rows.push({
          line: block.firstLine + index,
          machineId: block.machineId,
          timeS: block.timestampsS[index] ?? Number.NaN,
          values: values.map((value) => (Number.isNaN(value) ? null : value)),
        });
      }
    },
    ...options,
  });
  let from = 0;
  for (const cut of cuts
    .map((share) => Math.floor(share * bytes.length))
    .toSorted((a, b) => a - b)) {
    parser.write(bytes.slice(from, cut));
    from = cut;
  }
  parser.write(bytes.slice(from));
  return { ...parser.end(), columns, rows };
}

/** One data row below the header; `cells` replace those of a good row by column name. */
function parseRow(cells: Record<string, string>, extra: string[] = []): Parsed {
  const names = [...header.split(","), ...extra];
  const good = row.split(",");
  return parse(
    `${names.join(",")}\n${names.map((name, at) => cells[name] ?? good[at] ?? "").join(",")}\n`,
  );
}

describe("a good file", () => {
  test("createCsvParser() gives columns, rows, lines and gaps", () => {
    const parsed = parse(
      `${header},disk_my_disk_reads\n${row},\n1767225601,web-01,,2,96.5,4096,1024,0.25\n`,
    );
    expect(parsed).toMatchObject({ rowCount: 2, faultCount: 0, faults: [], warnings: [] });
    expect(parsed.columns).toEqual([...header.split(",").slice(2), "disk_my_disk_reads"]);
    expect(parsed.rows).toEqual([
      { line: 2, machineId: "web-01", timeS: 1767225600, values: [1.5, 2, 96.5, 4096, 1024, null] },
      {
        line: 3,
        machineId: "web-01",
        timeS: 1767225601,
        values: [null, 2, 96.5, 4096, 1024, 0.25],
      },
    ]);
  });

  test.each([
    ["a byte order mark", `\ufeff${header}\n${row}\n`],
    ["carriage returns", `${header}\r\n${row}\r\n`],
    ["a last line without its end", `${header}\n${row}`],
    ["a last line without its end, behind a carriage return", `${header}\r\n${row}\r`],
    ["blank lines at the end", `${header}\n${row}\n\n\r\n`],
    ["quotes around everything", `${header}\n${row}\n`.replaceAll(/[^,\n]+/g, '"$&"')],
    [
      "a byte order mark before a quote",
      `\ufeff"timestamp"${header.slice("timestamp".length)}\n${row}\n`,
    ],
    ["an apostrophe before the machine id", `${header}\n${row.replace("web-01", "'web-01")}\n`],
  ])("createCsvParser() reads %s", (_, text) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ rowCount: 1, faultCount: 0, warnings: [] });
    expect(parsed.rows).toEqual([
      { line: 2, machineId: "web-01", timeS: 1767225600, values: [1.5, 2, 96.5, 4096, 1024] },
    ]);
  });

  test("createCsvParser() counts blank lines and lines inside quotes", () => {
    const parsed = parse(
      `${header},note\n\n${row},"two\nlines, ""quoted"""\n${row},plain\n${row},\n`,
    );
    expect(parsed.rows.map(({ line }) => line)).toEqual([3, 5, 6]);
    expect(parsed.warnings.join()).toContain('were not read: "note".');
  });

  test("createCsvParser() gives consecutive rows of one machine as a block", () => {
    const blocks: [string, number, number][] = [];
    const other = row.replace("web-01", "web-02");
    parse([header, row, row, other, other, other, row, "", row].join("\n"), {
      blockRows: 2,
      onBlock: ({ machineId, firstLine, rowCount }) =>
        blocks.push([machineId, firstLine, rowCount]),
    });
    expect(blocks).toEqual([
      ["web-01", 2, 2],
      ["web-02", 4, 2],
      ["web-02", 6, 1],
      ["web-01", 7, 1],
      ["web-01", 9, 1],
    ]);
  });

  test("createCsvParser() keeps each row's values with its machine when machines alternate", () => {
    const lines = Array.from(
      { length: 50 },
      (_, n) => `${1767225600 + n},web-${n % 3},${n},0,0,${n * 1000},${n}`,
    );
    const parsed = parse([header, ...lines].join("\n"), { blockRows: 7 });
    expect(
      parsed.rows.map(({ machineId, timeS, values }) => [timeS, machineId, ...values].join(",")),
    ).toEqual(lines);
  });

  test("createCsvParser() reads no rows from a header alone", () => {
    expect(parse(`${header}\n`)).toMatchObject({ rowCount: 0, faultCount: 0 });
  });
});

describe("numbers", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["+7", 7],
    ["007", 7],
    ["5.", 5],
    [".5", 0.5],
    ["0.1", 0.1],
    ["99.99", 99.99],
    ["123456789012345", 123456789012345],
    ["9007199254740991", 9007199254740991],
    ["0.1234567890123456789", 0.12345678901234568],
    ["12345678901234567890", 12345678901234567000],
    ["1e3", 1000],
    ["1.7976931348623157E+23", 1.7976931348623157e23],
    ["5e-324", 5e-324],
  ])("createCsvParser() reads %s exactly, quoted or not", (text, value) => {
    expect(parseRow({ mem_free: text }).rows[0]?.values[4]).toBe(value);
    expect(parseRow({ mem_free: `"${text}"` }).rows[0]?.values[4]).toBe(value);
  });

  test("createCsvParser() reads every double as Number() does", () => {
    const decimal = fc
      .tuple(fc.nat(), fc.nat({ max: 999_999_999 }), fc.nat({ max: 9 }))
      .map(([whole, fraction, digits]) =>
        digits === 0 ? `${whole}` : `${whole}.${`${fraction}`.padStart(digits, "0")}`,
      );
    const double = fc.double({ min: 0, max: 1e24, noNaN: true }).map(String);
    fc.assert(
      fc.property(fc.oneof(decimal, double), fc.boolean(), (text, isQuoted) => {
        const cell = isQuoted ? `"${text}"` : text;
        expect(parseRow({ mem_free: cell }).rows[0]?.values[4]).toBe(Number(text) + 0);
      }),
    );
  });

  test.each([
    ["cpu_user", "abc", "Is no number"],
    ["cpu_user", "1.2.3", "Is no number"],
    ["cpu_user", " 1", "Is no number"],
    ["cpu_user", "0x10", "Is no number"],
    ["cpu_user", ".", "Is no number"],
    ["cpu_user", "NaN", "leave the cell empty where nothing was measured"],
    ["cpu_user", "NA", "leave the cell empty where nothing was measured"],
    ["cpu_user", "null", "leave the cell empty where nothing was measured"],
    ["mem_free", "Inf", "Is not finite"],
    ["mem_free", "1e999", "Is not finite"],
    ["mem_free", "1.1e24", "Is above 1e+24: no machine has so much"],
    ["mem_free", "-1", "Is negative"],
    ["mem_free", "-Infinity", "Is not finite"],
    ["cpu_user", "100.51", "Is above 100 %"],
    ["cpu_user", '"1,5"', "write a dot before the decimals"],
    ["cpu_user", "1\u00002", "NUL"],
    ["cpu_user", "1\r", "Is no number"],
  ])("createCsvParser() refuses %s %j, naming line and column", (column, cell, message) => {
    const parsed = parseRow({ [column]: cell });
    expect(parsed).toMatchObject({ rowCount: 1, faultCount: 1, rows: [] });
    expect(parsed.faults).toEqual([
      expect.objectContaining({ line: 2, column, message: expect.stringContaining(message) }),
    ]);
  });

  test("createCsvParser() lets rounding bring a percentage a little above 100", () => {
    expect(parseRow({ cpu_user: "100.5" }).rows[0]?.values[0]).toBe(100.5);
  });

  test("createCsvParser() shows a fault's value without control characters, cut to 80 characters", () => {
    const [fault] = parseRow({ cpu_user: `\u0001😀${"x".repeat(200)}` }).faults;
    expect(fault?.value).toBe(`␁😀${"x".repeat(78)}`);
  });
});

describe("times", () => {
  test.each([
    ["1767225600", 1767225600],
    ["1767225600.0", 1767225600],
    ["1767225600000", 1767225600],
    ["2026-01-01T00:00:00Z", 1767225600],
    ["2026-01-01t00:00:00z", 1767225600],
    ["2026-01-01 01:30:00+01:30", 1767225600],
    ["2025-12-31T18:00:00-06:00", 1767225600],
    ["2024-02-29T12:00:00Z", 1709208000],
    ["2016-12-31T23:59:60Z", 1483228800],
  ])("createCsvParser() reads %s", (cell, timeS) => {
    const parsed = parseRow({ timestamp: cell });
    expect(parsed.rows[0]?.timeS).toBe(timeS);
    expect(parsed.warnings).toEqual([]);
  });

  test.each([
    "1767225600.25",
    "1767225600999",
    "1767225600.1234567890",
    "2026-01-01T00:00:00.999999Z",
  ])("createCsvParser() cuts %s to the second and says so", (cell) => {
    const parsed = parseRow({ timestamp: cell });
    expect(parsed.rows[0]?.timeS).toBe(1767225600);
    expect(parsed.warnings).toEqual([
      "Timestamps with fractions of a second, which were cut off: 1.",
    ]);
  });

  test.each([
    ["", "Is no time"],
    ["now", "Is no time"],
    ["2026-01-01", "Is no time"],
    ["2026-01-01T00:00:00", "Is no time"],
    ["2026-01-01T00:00:00+1", "Is no time"],
    ["2026-02-29T00:00:00Z", "Is no time"],
    ["2026-13-01T00:00:00Z", "Is no time"],
    ["2026-01-01T24:00:00Z", "Is no time"],
    ["-5", "Is before 2000"],
    ["0", "Is before 2000"],
    ["946684799", "Is before 2000"],
    ["1767225600000000", "Is after 2100"],
    ["1767225600000000000", "Is after 2100"],
    ["2101-01-01T00:00:00Z", "Is after 2100"],
    ["9999-01-01T00:00:00Z", "Is after 2100"],
  ])("createCsvParser() refuses the time %j", (cell, message) => {
    expect(parseRow({ timestamp: cell }).faults).toEqual([
      expect.objectContaining({
        line: 2,
        column: "timestamp",
        value: cell,
        message: expect.stringContaining(message),
      }),
    ]);
  });

  test("createCsvParser() takes rows in any order and says which are not in order, machine by machine", () => {
    const times = [
      "1767225601,a",
      "1767225600,b",
      "1767225600,a",
      "1767225601,a",
      "1767225601,b",
      "1767225601,b",
    ];
    const parsed = parse([header, ...times.map((start) => `${start},1,2,3,4,5`)].join("\n"));
    expect(parsed.rowCount).toBe(6);
    expect(parsed.warnings).toEqual([
      "Rows out of the order of time: 1, the first on line 4; they were sorted.",
      "Rows with the time of the row before: 2, the first on line 5; they were merged.",
    ]);
  });
});

describe("machine ids", () => {
  test.each(["", "web 01", "web.01", "x".repeat(65), "wéb", "''a"])(
    "createCsvParser() refuses the machine id %j",
    (id) => {
      expect(parseRow({ machine_id: id }).faults).toEqual([
        expect.objectContaining({
          line: 2,
          column: "machine_id",
          message: expect.stringContaining("Is no machine id"),
        }),
      ]);
    },
  );

  test("createCsvParser() refuses bytes that are no UTF-8", () => {
    const bytes = new TextEncoder().encode(`${header}\n${row}\n`);
    bytes[bytes.indexOf(0x77, header.length)] = 0xff;
    expect(parse(bytes).faults).toEqual([
      expect.objectContaining({ line: 2, column: "machine_id", value: "\ufffdeb-01" }),
    ]);
  });
});

describe("a bad header", () => {
  test.each([
    ["", undefined, "The file is empty"],
    ["\ufeff", undefined, "The file is empty"],
    [header.replace("mem_free", "memory_free"), "mem_free", "The required column is missing"],
    [header.replace("timestamp,", ""), "timestamp", "The required column is missing"],
    [`${header},mem_free`, "mem_free", "twice"],
    [`${header},mem_total_kb`, "mem_total_kb", '"mem_total" and "mem_total_kb" are both mem_total'],
    [`${header},machine_id`, "machine_id", "twice"],
    [`${header},a\u0000b`, undefined, "NUL"],
    [`${header},a"b`, undefined, "Column 8 of the header has a quote in the middle"],
    [`${header},"a"b`, undefined, "Column 8 of the header has text behind the closing quote"],
    [`${header},"a`, undefined, "never closed"],
    [`${header}${",x".repeat(4090)}`, undefined, "4097 columns"],
  ])("createCsvParser() refuses the header %j on line 1", (text, column, message) => {
    const parsed = parse(text);
    expect(parsed.faultCount).toBe(1);
    expect(parsed.faults).toEqual([
      {
        line: 1,
        ...(column === undefined ? {} : { column }),
        message: expect.stringContaining(message),
      },
    ]);
  });

  test("createCsvParser() names every missing column, and commas where there are none", () => {
    const parsed = parse(`${header.replaceAll(",", ";")}\n${row}\n`);
    expect(parsed.faults.map(({ column }) => column)).toEqual(header.split(","));
    expect(parsed.faults[0]?.message).toContain("use commas");
  });

  test("createCsvParser() refuses a header that is not UTF-8", () => {
    const bytes = new TextEncoder().encode(`${header},x\n${row},1\n`);
    bytes[header.length + 1] = 0xff;
    expect(parse(bytes).faults).toEqual([
      { line: 1, message: expect.stringContaining("not UTF-8") },
    ]);
    expect(parse(Uint8Array.of(0xef)).faults).toEqual([
      { line: 1, message: expect.stringContaining("not UTF-8") },
    ]);
  });

  test("createCsvParser() reads nothing behind a bad header", () => {
    const parsed = parse(`nonsense\n${row}\n`, { onHeader: () => expect.unreachable() });
    expect(parsed).toMatchObject({ rowCount: 0, faultCount: 7 });
  });
});

describe("older and unknown columns", () => {
  test("createCsvParser() reads perfcollector2's columns in our units and says which", () => {
    const parsed = parse(
      "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total_kb,mem_free_kb,mem_used_mb,swap_total_gb,disk_read_bytes,net_rx_bytes,ctx_switches\n" +
        "1767225600,web-01,1,2,97,4,0.5,3,2,7,8,9\n",
    );
    expect(parsed.columns.slice(3)).toEqual([
      "mem_total",
      "mem_free",
      "mem_used",
      "swap_total",
      "disk_total_read_bytes",
      "net_total_rx_bytes",
      "context_switches",
    ]);
    expect(parsed.rows[0]?.values.slice(3)).toEqual([
      4096,
      512,
      3 * 1024 ** 2,
      2 * 1024 ** 3,
      7,
      8,
      9,
    ]);
    expect(parsed.warnings).toEqual([
      "Older columns were read by their new names: mem_total_kb as mem_total, mem_free_kb as mem_free, mem_used_mb as mem_used, " +
        "swap_total_gb as swap_total, disk_read_bytes as disk_total_read_bytes, net_rx_bytes as net_total_rx_bytes, " +
        "ctx_switches as context_switches.",
    ]);
  });

  test("createCsvParser() reports unknown columns once and does not read their cells", () => {
    const parsed = parse(`${header},=cmd(),cpu_kb\n${row},anything,-1\n`);
    expect(parsed).toMatchObject({ rowCount: 1, faultCount: 0 });
    expect(parsed.warnings).toEqual([
      'Columns that the CSV standard does not know were not read: "=cmd()", "cpu_kb".',
    ]);
  });

  test("createCsvParser() names ten unknown columns and counts the others", () => {
    const names = Array.from({ length: 300 }, (_, n) => `x${n}`);
    const [warning = ""] = parse(`${header},${names.join(",")}\n`).warnings;
    expect(warning).toMatch(/"x9" and 290 more\.$/);
  });
});

describe("bad rows", () => {
  test("createCsvParser() refuses rows with too few and too many cells", () => {
    const parsed = parse(`${header}\n1767225600,web-01,1\n${row},5,6\n`);
    expect(parsed.faults).toEqual([
      { line: 2, message: expect.stringContaining("The row has 3 cells, the header has 7") },
      { line: 3, message: expect.stringContaining("The row has 9 cells, the header has 7") },
    ]);
  });

  test("createCsvParser() describes every fault of a row, and hands out no block once there was one", () => {
    const parsed = parse([header, row, row.replace("1.5,2", "a,b"), row].join("\n"), {
      blockRows: 1,
    });
    expect(parsed.faults.map(({ line, column, value }) => [line, column, value])).toEqual([
      [3, "cpu_user", "a"],
      [3, "cpu_system", "b"],
    ]);
    expect(parsed.rows).toHaveLength(1);
    expect(parsed.rowCount).toBe(3);
  });

  test("createCsvParser() describes the first faults and counts all", () => {
    const lines = Array.from({ length: 1000 }, () => row.replace("1.5", "x"));
    expect(parse([header, ...lines].join("\n"))).toMatchObject({
      rowCount: 1000,
      faultCount: 1000,
      faults: { length: 100 },
    });
    expect(parse([header, ...lines].join("\n"), { maxFaults: 3 }).faults).toHaveLength(3);
  });

  test("createCsvParser() refuses stray quotes and a quote that never closes", () => {
    const parsed = parse(
      `${header}\n${row.replace("1.5", '1"5')}\n${row.replace("1.5", '"1"5')}\n"${row}\n${row}\n`,
    );
    expect(parsed.faults).toEqual([
      expect.objectContaining({
        line: 2,
        column: "cpu_user",
        value: '1"5',
        message: expect.stringContaining("in the middle"),
      }),
      expect.objectContaining({
        line: 3,
        column: "cpu_user",
        message: expect.stringContaining("behind the closing quote"),
      }),
      { line: 4, message: expect.stringContaining("never closed") },
    ]);
  });

  test("createCsvParser() refuses a line above 1 MiB wherever it is cut, and stops", () => {
    const long = `${header},note\n${row},${"x".repeat(2 ** 20)}\n${row},\n`;
    for (const cuts of [[], [0.5], [0.1, 0.2, 0.3, 0.99]]) {
      expect(parse(long, {}, cuts)).toMatchObject({
        rowCount: 0,
        faults: [{ line: 2, message: expect.stringContaining("longer than 1048576 bytes") }],
      });
    }
    const fits = `${header},note\n${row},${"x".repeat(2 ** 20 - row.length - 1)}\n${row},\n`;
    expect(parse(fits)).toMatchObject({ rowCount: 2, faultCount: 0 });
  });

  test("createCsvParser() refuses a NUL byte in a cell that it does not read", () => {
    expect(parse(`${header},note\n${row},a\u0000b\n`).faults).toEqual([
      { line: 2, column: "note", value: "a␀b", message: expect.stringContaining("NUL") },
    ]);
  });
});

describe("any input", () => {
  const cell = fc.oneof(
    fc.constantFrom(
      "",
      "1",
      "2.5",
      "-1",
      "NaN",
      "101",
      "web-01",
      "1767225600",
      "2026-01-01T00:00:00Z",
      '"',
      '""',
      '"a,b"',
      '"a\nb"',
      "\r",
      "\u0000",
    ),
    fc.string({ maxLength: 5 }),
  );
  const line = fc.oneof(
    fc.constant(row),
    fc.array(cell, { maxLength: 9 }).map((cells) => cells.join(",")),
  );
  const file = fc
    .tuple(
      fc.constantFrom(header, `\ufeff${header},note`, "nonsense"),
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
    )
    .map(([head, lines, end, isClosed]) => [head, ...lines].join(end) + (isClosed ? end : ""));

  test("createCsvParser() gives the same however the file is cut", () => {
    fc.assert(
      fc.property(
        file,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
        (text, cuts) => {
          expect(parse(text, {}, cuts)).toEqual(parse(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("createCsvParser() gives the same byte by byte", () => {
    fc.assert(
      fc.property(file, (text) => {
        const length = new TextEncoder().encode(text).length;
        expect(
          parse(
            text,
            {},
            Array.from({ length }, (_, at) => at / length),
          ),
        ).toEqual(parse(text));
      }),
      { numRuns: 200 },
    );
  });

  test("createCsvParser() reads a row with quotes as the same row without", () => {
    const plain = fc.array(
      cell.filter((text) => !/[",\r\n]/.test(text)),
      { minLength: 1, maxLength: 9 },
    );
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 5 }), (rows) => {
        const filled = rows.map(([first = "", ...rest]) => [first === "" ? "x" : first, ...rest]);
        const bare = filled.map((cells) => cells.join(",")).join("\n");
        const inQuotes = filled
          .map((cells) => cells.map((text) => `"${text}"`).join(","))
          .join("\n");
        expect(parse(`${header}\n${inQuotes}`)).toEqual(parse(`${header}\n${bare}`));
      }),
      { numRuns: 1000 },
    );
  });

  test("createCsvParser() ends with a summary for arbitrary bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 2000 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (noise, hasHeader) => {
        const start = new TextEncoder().encode(hasHeader ? `${header}\n` : "");
        const parsed = parse(Uint8Array.of(...start, ...noise));
        expect(parsed.faults.length).toBe(Math.min(100, parsed.faultCount));
        expect(JSON.parse(JSON.stringify(parsed.faults))).toEqual(parsed.faults);
      }),
      { numRuns: 500 },
    );
  });

  test("createCsvParser() takes time in proportion to quotes that come byte by byte", () => {
    const parser = createCsvParser({ onHeader: () => {}, onBlock: () => {} });
    const bytes = new TextEncoder().encode(`${header},note\n${row},"${'""'.repeat(400_000)}"\n`);
    for (const byte of bytes) parser.write(Uint8Array.of(byte));
    expect(parser.end()).toMatchObject({ rowCount: 1, faultCount: 0 });
  });
});
