// Rows of the CSV standard into typed arrays. Plain lines take a loop that allocates nothing.
import { isMachineId } from "../machine-id.ts";
import type { Fault } from "../problem.ts";
import {
  carriageReturn,
  parseDecimal,
  parseTime,
  powersOfTen,
  renderCell,
  renderText,
} from "./cells.ts";
import type { DamageList } from "./damage.ts";
import type { FaultList } from "./faults.ts";
import { machine, measured, skipped, timestamp, type RowPlan } from "./header.ts";
import { createOrderCheck } from "./order.ts";
import type { CsvBlock } from "./parse.ts";
import { unquoteRecord } from "./records.ts";
import { endTimeS, firstTimeS, isCsvTime } from "./times.ts";

export interface RowReader {
  /** For both see `RecordReader`. */
  readPlain(bytes: Uint8Array, from: number, to: number, firstLine: number): number;
  readQuoted(bytes: Uint8Array, from: number, to: number, line: number): void;
  /** The next row, which is the last, has no line end: where its width is another one, it was cut off. */
  expectTorn(): void;
  /** Hands out the last block and gives back how many rows there were. */
  end(): number;
}

export interface RowReaderOptions {
  faults: FaultList;
  /** Takes what would otherwise be faults of cells and rows; null: they are faults. */
  damage: DamageList | null;
  warnings: string[];
  onBlock: (block: CsvBlock) => void;
  blockRows: number;
}

// As in cells.ts, but known when the loop is compiled: what is imported is looked up, and its type checked, at each byte.
const lineFeed = 10;
const comma = 44;
const dot = 46;
const zero = 48;
const exactDigits = 15;
const apostrophe = 39;
const utf8 = new TextDecoder();

export function createRowReader(plan: RowPlan, options: RowReaderOptions): RowReader {
  const { faults, damage, warnings, onBlock, blockRows } = options;
  const { kinds, names, limits, scales } = plan;
  const timestampsS = new Float64Array(blockRows);
  const targets = Array.from(kinds, (kind) =>
    kind === measured ? new Float64Array(blockRows) : null,
  );
  const values = targets.filter((target) => target !== null);
  const order = createOrderCheck();
  const numberPlan: NumberPlan = { targets, limits, scales };
  const place: Place = { row: 0, cell: 0, isEnd: false };
  let rowCount = 0;
  let fractionCount = 0;
  /** The block that is being filled. */
  let machineId = "";
  let machineBytes = new Uint8Array();
  let firstLine = 0;
  let filled = 0;
  /** The row that is being read; it becomes row `filled` of the block unless there is a fault. */
  let rowLine = 0;
  let rowMachineId = "";
  let widthKind: "width" | "torn" = "width";

  return { readPlain, readQuoted, expectTorn: () => (widthKind = "torn"), end };

  function readPlain(bytes: Uint8Array, from: number, to: number, startLine: number): number {
    let line = startLine;
    for (let at = from; at < to; line++) {
      const behindBlank = at + (bytes[at] === carriageReturn ? 1 : 0);
      if (bytes[behindBlank] === lineFeed) {
        at = behindBlank + 1;
      } else {
        rowLine = line;
        at = readPlainRow(bytes, at);
      }
    }
    return line - startLine;
  }

  /** `from` is the start of a line that ends in a line feed. Gives back where the next one starts. */
  function readPlainRow(bytes: Uint8Array, from: number): number {
    place.row = filled;
    place.cell = 0;
    place.isEnd = false;
    let at = from;
    while (!place.isEnd) {
      at = readNumbers(bytes, at, place, numberPlan);
      if (!place.isEnd) at = readOther(bytes, at);
    }
    endRow(place.cell + 1);
    return at;
  }

  /** The cell at `place`, whatever it is. Gives back where the next one starts. */
  function readOther(bytes: Uint8Array, from: number): number {
    let stop = from;
    let byte = bytes[stop] ?? lineFeed;
    while (byte !== comma && byte !== lineFeed) byte = bytes[++stop] ?? lineFeed;
    place.isEnd = byte === lineFeed;
    const returned = place.isEnd && stop > from && bytes[stop - 1] === carriageReturn;
    readCell(place.cell, bytes, from, returned ? stop - 1 : stop);
    if (!place.isEnd) place.cell++;
    return stop + 1;
  }

  function readQuoted(bytes: Uint8Array, from: number, to: number, line: number): void {
    rowLine = line;
    const record = unquoteRecord(bytes, from, to);
    let start = 0;
    for (const [cell, stop] of record.ends.entries()) {
      if (record.fault?.cell === cell) {
        const { message } = record.fault;
        refuse(cell, record.bytes, start, stop, message);
      } else {
        readCell(cell, record.bytes, start, stop);
      }
      start = stop;
    }
    endRow(record.ends.length);
  }

  function readCell(cell: number, bytes: Uint8Array, from: number, to: number): void {
    const kind = kinds[cell];
    if (kind === measured) {
      if (from === to) setValue(cell, Number.NaN);
      else takeNumber(cell, parseDecimal(bytes, from, to), bytes, from, to);
    } else if (kind === timestamp) {
      takeTime(cell, parseTime(bytes, from, to), bytes, from, to);
    } else if (kind === machine) {
      takeMachine(cell, bytes, from, to);
    } else if (kind === skipped && damage === null && bytes.subarray(from, to).includes(0)) {
      refuse(cell, bytes, from, to, damagedMessage);
    }
  }

  function takeNumber(
    cell: number,
    number: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const limit = limits[cell] ?? Number.NaN;
    if (number >= 0 && number <= limit) {
      setValue(cell, number * (scales[cell] ?? Number.NaN));
    } else {
      refuse(cell, bytes, from, to, number);
    }
  }

  function setValue(cell: number, value: number): void {
    const target = targets[cell] ?? null;
    // Adding 0 turns -0 into 0, so that what is stored is what is shown.
    if (target !== null) target[filled] = value + 0;
  }

  function takeTime(
    cell: number,
    timeS: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const wholeS = Math.floor(timeS);
    timestampsS[filled] = wholeS;
    if (!isCsvTime(timeS)) refuse(cell, bytes, from, to, timeS);
    else if (wholeS !== timeS) fractionCount++;
  }

  function takeMachine(cell: number, bytes: Uint8Array, from: number, to: number): void {
    const start = bytes[from] === apostrophe ? from + 1 : from;
    if (machineId !== "" && isSame(bytes, start, to)) {
      rowMachineId = machineId;
      return;
    }
    const id = utf8.decode(bytes.subarray(start, to));
    if (isMachineId(id)) rowMachineId = id;
    else refuse(cell, bytes, from, to, machineMessage);
  }

  function isSame(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from !== machineBytes.length) return false;
    for (let index = 0; index < machineBytes.length; index++) {
      if (bytes[from + index] !== machineBytes[index]) return false;
    }
    return true;
  }

  /** `reason` is the number that is refused, or a message. Closures stand here alone: in the loop they cost half of its speed. */
  function refuse(
    cell: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    reason: number | string,
  ): void {
    const describe = (): Fault => describeCell(cell, bytes, from, to, reason);
    if (damage !== null) leaveOut(damage, cell, describe, reason);
    else if (faults.describes()) faults.add(describe());
    else faults.count++;
  }

  function describeCell(
    cell: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    reason: number | string,
  ): Fault {
    const value = renderCell(bytes, from, to);
    const message =
      typeof reason === "string"
        ? reason
        : kinds[cell] === timestamp
          ? timeMessage(reason)
          : numberMessage(reason, value, limits[cell] ?? Number.NaN);
    return {
      line: rowLine,
      column: renderText(names[cell] ?? ""),
      value,
      message: bytes.subarray(from, to).includes(0) ? damagedMessage : message,
    };
  }

  function leaveOut(
    list: DamageList,
    cell: number,
    describe: () => Fault,
    reason: number | string,
  ): void {
    const kind = kinds[cell];
    if (kind === measured) {
      setValue(cell, Number.NaN);
      const isNumber = typeof reason === "number" && !Number.isNaN(reason);
      list.addCell(names[cell] ?? "", isNumber ? "range" : "type", describe);
    } else if (kind === timestamp || kind === machine) {
      list.dropRow(kind === timestamp ? "time" : "machine", describe);
    }
  }

  function endRow(cellCount: number): void {
    if (cellCount !== names.length) refuseWidth(cellCount);
    if (damage !== null && !damage.endRow(rowMachineId)) return;
    rowCount++;
    if (faults.count > 0) return;
    const follows = rowMachineId === machineId && rowLine === firstLine + filled;
    if (!follows && filled > 0) startBlock();
    if (filled === 0) firstLine = rowLine;
    if (rowMachineId !== machineId) {
      machineId = rowMachineId;
      machineBytes = new TextEncoder().encode(machineId);
      order.startMachine(machineId);
    }
    order.check(timestampsS[filled] ?? Number.NaN, rowLine);
    filled++;
    if (filled === blockRows) flush();
  }

  function refuseWidth(cellCount: number): void {
    const message = `The row has ${cellCount} cells, the header has ${names.length}: write every cell, an empty one for a gap.`;
    const fault = { line: rowLine, message };
    if (damage === null) faults.add(fault);
    else damage.dropRow(widthKind, () => fault);
  }

  /** Hands out the rows before the one just read, which becomes the first of the next block. */
  function startBlock(): void {
    const row = filled;
    flush();
    for (const column of [timestampsS, ...values]) column[0] = column[row] ?? Number.NaN;
  }

  function flush(): void {
    if (filled === 0 || faults.count > 0) return;
    const rowsOfBlock = filled;
    filled = 0;
    onBlock({ machineId, rowCount: rowsOfBlock, firstLine, timestampsS, values });
  }

  function end(): number {
    flush();
    if (fractionCount > 0) {
      warnings.push(`Timestamps with fractions of a second, which were cut off: ${fractionCount}.`);
    }
    warnings.push(...order.warnings());
    return rowCount;
  }
}

/** Where the metrics' values go, by cell. */
interface NumberPlan extends Pick<RowPlan, "limits" | "scales"> {
  /** Null where the cell is no metric's. */
  targets: readonly (Float64Array | null)[];
}

/** How far a row has been read. */
interface Place {
  row: number;
  cell: number;
  /** Whether the cell was the row's last. */
  isEnd: boolean;
}

/**
 * Reads plain numbers of metrics from `place` on, until the row ends or a cell is something else, and moves `place` there. Gives back
 * where that is in `bytes`. All that it looks at is an argument of its own: what lies in a closure is looked up at each byte.
 */
function readNumbers(
  bytes: Uint8Array,
  from: number,
  place: Place,
  { targets, limits, scales }: NumberPlan,
): number {
  const { row } = place;
  const powers = powersOfTen;
  let at = from;
  for (let { cell } = place; ; cell++) {
    const start = at;
    const target = targets[cell] ?? null;
    if (target !== null) {
      let mantissa = 0;
      let byte = bytes[at] ?? lineFeed;
      // Only digits come out of this below 10.
      while ((byte ^ zero) < 10) {
        mantissa = mantissa * 10 + (byte ^ zero);
        byte = bytes[++at] ?? lineFeed;
      }
      let digits = at - start;
      let decimals = 0;
      if (byte === dot) {
        byte = bytes[++at] ?? lineFeed;
        while ((byte ^ zero) < 10) {
          mantissa = mantissa * 10 + (byte ^ zero);
          byte = bytes[++at] ?? lineFeed;
        }
        decimals = at - start - digits - 1;
        digits += decimals;
      }
      const number = decimals === 0 ? mantissa : mantissa / (powers[decimals] ?? Number.NaN);
      const isPlain = (byte === comma || byte === lineFeed) && digits > 0 && digits <= exactDigits;
      if (isPlain && number <= (limits[cell] ?? Number.NaN)) {
        target[row] = number * (scales[cell] ?? Number.NaN);
        at++;
        if (byte === comma) continue;
        place.cell = cell;
        place.isEnd = true;
        return at;
      }
    }
    place.cell = cell;
    place.isEnd = false;
    return start;
  }
}

const machineMessage = "Is no machine id: 1 to 64 letters, digits, _ or - are.";
const damagedMessage = "Holds a NUL byte: the file is damaged, or it is no text. Make it anew.";

function numberMessage(number: number, cell: string, limit: number): string {
  if (number < 0)
    return "Is negative: no metric is. Leave the cell empty where a counter was reset.";
  if (number === Number.POSITIVE_INFINITY || /^[+-]?inf(?:inity)?$/i.test(cell)) {
    return "Is not finite: leave the cell empty where there is no value.";
  }
  if (number > 0) {
    return limit < 1000
      ? "Is above 100 %: write percent of the interval, 0 to 100."
      : `Is above ${limit.toExponential(0)}: no machine has so much. Leave the cell empty where the value is not known.`;
  }
  if (/^(?:[+-]?nan|n\/?a|null|none|nil|-)$/i.test(cell)) {
    return "Is no number: leave the cell empty where nothing was measured.";
  }
  if (/^\d+,\d+$/.test(cell)) return "Is no number: write a dot before the decimals, not a comma.";
  return "Is no number: write digits with a dot before the decimals, or leave the cell empty.";
}

function timeMessage(timeS: number): string {
  if (timeS < firstTimeS) {
    return "Is before 2000-01-01: write Unix seconds, Unix milliseconds or RFC 3339, and check the clock.";
  }
  if (timeS >= endTimeS) {
    return "Is after 2100: write Unix seconds, Unix milliseconds or RFC 3339, no smaller unit.";
  }
  return "Is no time: write Unix seconds, Unix milliseconds or RFC 3339 with its offset, such as 2026-01-31T12:00:00Z.";
}
