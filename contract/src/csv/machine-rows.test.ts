import { expect, test } from "vitest";
import { HttpProblem } from "../http-problem.ts";
import { createMachineRowsParser, type MachineRows } from "./machine-rows.ts";

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const now = new Date("2026-01-07T15:42:01Z");
const nowS = now.getTime() / 1000;

function parse(rows: readonly (readonly [timeS: number, machineId: string])[]): {
  result: MachineRows | HttpProblem;
  taken: number;
} {
  let taken = 0;
  const parser = createMachineRowsParser({
    now,
    blockRows: 2,
    onBlock: ({ rowCount }) => {
      taken += rowCount;
    },
  });
  const lines = rows.map(([timeS, machineId]) => `${timeS},${machineId},1,2,97,8,4`);
  parser.write(Buffer.from(`${[header, ...lines].join("\n")}\n`));
  try {
    return { result: parser.end(), taken };
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return { result: error, taken };
  }
}

test("createMachineRowsParser() takes rows of one machine, up to a day ahead", () => {
  const rows = [
    [nowS - 1, "web-01"],
    [nowS, "web-01"],
    [nowS + 86_400, "web-01"],
  ] as const;
  const { result, taken } = parse(rows);
  expect(result).toEqual({ machineId: "web-01", rowCount: 3, warnings: [] });
  expect(taken).toBe(3);
});

test("createMachineRowsParser() refuses other machines and wrong clocks in the order of lines, and counts every row", () => {
  const { result, taken } = parse([
    [nowS - 2, "web-01"],
    [nowS - 1, "web-01"],
    [nowS, "web-02"],
    [nowS + 1, "web-02"],
    [nowS + 86_401, "web-01"],
    [nowS + 86_402, "web-01"],
  ]);
  expect(result).toMatchObject({
    status: 400,
    title: "Invalid CSV",
    message: expect.stringContaining(
      'Nothing was stored: 4 faults, the first on line 4, column machine_id, "web-02"',
    ),
    errors: [
      { line: 4, column: "machine_id", value: "web-02" },
      { line: 6, column: "timestamp", value: "2026-01-08T15:42:02Z" },
      { line: 7, column: "timestamp", value: "2026-01-08T15:42:03Z" },
    ],
  });
  expect(taken).toBe(2);
});

test("createMachineRowsParser() describes the first hundred faults, and counts all", () => {
  const rows = Array.from({ length: 300 }, (_, row) => [nowS + 90_000 + row, "web-01"] as const);
  const { result } = parse(rows);
  expect(result).toMatchObject({ message: expect.stringContaining("300 faults") });
  expect(result instanceof HttpProblem && result.errors).toHaveLength(100);
});

test("createMachineRowsParser() refuses a header alone", () => {
  expect(parse([]).result).toMatchObject({
    message: expect.stringContaining("There is a header, but no row below it."),
  });
});
