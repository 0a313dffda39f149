// What a lenient reader had to leave out: cells that hold no possible value, rows that nobody can use.
import type { Fault } from "../problem.ts";

/** Cells that hold no possible value of their metric, and are gaps therefore. */
export interface DamagedCells {
  /** Name of the CSV column as it stands in the file. */
  column: string;
  /** type: no number at all; range: one that the metric cannot have, such as a negative one or 150 %. */
  kind: "type" | "range";
  count: number;
  /** The first few, each with its line, column, original text and what is wrong with it. */
  first: Fault[];
}

/** Rows that nobody can use. */
export interface DroppedRows {
  /**
   * time: its timestamp is none; machine: its machine id is none; width: it has more or fewer cells than the header;
   * torn: the last line, cut off; line: one of a capture, of which nobody can tell what it says.
   */
  kind: "time" | "machine" | "width" | "torn" | "line";
  count: number;
  first: Fault[];
}

/** Of one machine's rows. */
export interface CsvDamage {
  /** null: rows of which nobody can tell whose they are. */
  machineId: string | null;
  /** One for each column and kind that has any. */
  cells: DamagedCells[];
  /** One for each kind that there was. */
  rows: DroppedRows[];
}

/** Says what is wrong; called while the row is still in memory, or never. */
type Describe = () => Fault;

export interface DamageList {
  /** A cell of the row that is being read; it becomes a gap. */
  addCell(column: string, kind: DamagedCells["kind"], describe: Describe): void;
  /** The row that is being read is dropped, for the last reason that is given: its width, if that is one. */
  dropRow(kind: DroppedRows["kind"], describe: Describe): void;
  /** Whether the row that was read is kept. */
  endRow(machineId: string): boolean;
  list(): CsvDamage[];
}

/** `described` of each kind are told of, all are counted. */
export function createDamageList(described: number): DamageList {
  const machines = new Map<string | null, CsvDamage>();
  let cells: { column: string; kind: DamagedCells["kind"]; describe: Describe }[] = [];
  let dropped: { kind: DroppedRows["kind"]; describe: Describe } | null = null;

  return {
    addCell(column, kind, describe) {
      cells.push({ column, kind, describe });
    },
    dropRow(kind, describe) {
      dropped = { kind, describe };
    },
    endRow(machineId) {
      if (dropped === null && cells.length === 0) return true;
      if (dropped === null) {
        const damage = damageOf(machineId);
        for (const { column, kind, describe } of cells) {
          const known = damage.cells.find((one) => one.column === column && one.kind === kind);
          count(known ?? append(damage.cells, { column, kind, count: 0, first: [] }), describe);
        }
      } else {
        const { kind, describe } = dropped;
        // A row of another width may have shifted cells: whose it is, it does not say.
        const damage = damageOf(kind === "time" ? machineId : null);
        const known = damage.rows.find((one) => one.kind === kind);
        count(known ?? append(damage.rows, { kind, count: 0, first: [] }), describe);
      }
      const kept = dropped === null;
      cells = [];
      dropped = null;
      return kept;
    },
    list: () => [...machines.values()],
  };

  function damageOf(machineId: string | null): CsvDamage {
    const damage = machines.get(machineId) ?? { machineId, cells: [], rows: [] };
    machines.set(machineId, damage);
    return damage;
  }

  function count(group: { count: number; first: Fault[] }, describe: Describe): void {
    group.count++;
    if (group.first.length < described) group.first.push(describe());
  }
}

function append<Item>(list: Item[], item: Item): Item {
  list.push(item);
  return item;
}
