// What the tests of the store share.
import { asTenant, type TenantDb, type TenantId } from "../db/tenant-db.ts";
import { ensureMachine } from "../machines/machines.ts";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import type { MachineRef, SampleBlock } from "./block.ts";
import { SampleImport } from "./import.ts";
import { beginSnapshot, readBlocks } from "./read.ts";

/** An hour before midnight of 2026-01-02 UTC. */
export const startS = Date.UTC(2026, 0, 1, 23) / 1000;
export const names = ["cpu_user", "mem_free", "disk_sda_reads"];

export type Row = Record<string, number>;
export type Rows = readonly (readonly [timeS: number, Row])[];
/** What the store should hold, by time: gaps have no entry. */
export type Model = Map<number, Row>;

export interface Store {
  tenantId: TenantId;
  machine: MachineRef;
  run: <T>(work: (db: TenantDb, machine: MachineRef) => Promise<T>) => Promise<T>;
  snapshot: <T>(work: (db: TenantDb, machine: MachineRef) => Promise<T>) => Promise<T>;
}

export async function openStore(tenant?: TenantId, machineId = "web-01"): Promise<Store> {
  const tenantId = tenant ?? (await newTenant());
  const machine = await asTenant(testDatabase(), tenantId, (db) =>
    ensureMachine(db, { machineId }),
  );
  return {
    tenantId,
    machine,
    run: (work) => asTenant(testDatabase(), tenantId, (db) => work(db, machine)),
    snapshot: (work) =>
      asTenant(testDatabase(), tenantId, async (db) => {
        await beginSnapshot(db);
        return work(db, machine);
      }),
  };
}

/** Rows [time, {column: value}] as a block, with gaps where a row lacks a column. */
export function toBlock(rows: Rows): SampleBlock {
  const columns = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))];
  return {
    columns,
    rowCount: rows.length,
    timestampsS: Float64Array.from(rows, ([timeS]) => timeS),
    values: columns.map((name) => Float64Array.from(rows, ([, row]) => row[name] ?? NaN)),
  };
}

export function toImport(rows: Rows): SampleImport {
  const sampleImport = new SampleImport();
  sampleImport.add(toBlock(rows));
  return sampleImport;
}

/** Everything of the machine, gaps left out. */
export async function readAll(
  store: Store,
  range: { fromS: number; toS: number } = { fromS: 0, toS: 1e11 },
): Promise<[number, Row][]> {
  return store.snapshot(async (db, machine) => {
    const rows: [number, Row][] = [];
    for await (const block of readBlocks(db, machine, range)) {
      for (let index = 0; index < block.rowCount; index++) {
        const cells = block.columns.map(
          (name, at) => [name, block.values[at]?.[index] ?? NaN] as const,
        );
        rows.push([
          block.timestampsS[index] ?? NaN,
          Object.fromEntries(cells.filter(([, value]) => !Number.isNaN(value))),
        ]);
      }
    }
    return rows;
  });
}

/** The same merge rule, written down naively. Returns how many rows were new. */
export function mergeIntoModel(model: Model, rows: Rows): number {
  let added = 0;
  for (const [timeS, row] of rows) {
    const known = model.get(timeS);
    if (known === undefined) added++;
    model.set(timeS, { ...row, ...known });
  }
  return added;
}

export function sorted(model: Model): [number, Row][] {
  return [...model].toSorted(([a], [b]) => a - b);
}
