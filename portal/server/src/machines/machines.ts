import type { HostFacts } from "@perfanalysis/contract/api";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import type { TenantDb } from "../db/tenant-db.ts";

/** A measured machine. `id` is the tenant's own number for it, `machineId` the name that it calls itself. */
export interface Machine {
  id: number;
  machineId: string;
  name: string;
  createdAt: Date;
  /** When the portal last received a sample of it. */
  lastSeen: Date | null;
}

export async function getMachine(
  db: TenantDb,
  { machineId }: { machineId: string },
): Promise<Machine | null> {
  const [row] = await db.query<MachineRow>(
    "SELECT id, machine_id, name, created_at, last_seen FROM machine WHERE machine_id = $1",
    [machineId],
  );
  return row === undefined ? null : toMachine(row);
}

/** In the order of their machine ids; `after` is the last of the page before. */
export async function listMachines(
  db: TenantDb,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Machine[]> {
  const rows = await db.query<MachineRow>(
    `SELECT id, machine_id, name, created_at, last_seen FROM machine
      WHERE $1::text IS NULL OR machine_id > $1 ORDER BY machine_id LIMIT $2`,
    [after, limit],
  );
  return rows.map(toMachine);
}

/**
 * The machine, made with its machine id as name where it is new; it cannot be deleted before the transaction ends.
 * Throws RangeError where the id cannot be one.
 */
export async function ensureMachine(
  db: TenantDb,
  { machineId }: { machineId: string },
): Promise<Machine> {
  const known = await holdMachine(db, machineId);
  if (known !== null) return known;
  await registerMachine(db, { machineId });
  const made = await holdMachine(db, machineId);
  if (made === null) throw new Error(`Cannot find machine "${machineId}", which was just made`);
  return made;
}

/** The new machine, or null where there is one of that id. Throws RangeError where the id or the name cannot be one. */
export async function registerMachine(
  db: TenantDb,
  { machineId, name = machineId }: { machineId: string; name?: string | undefined },
): Promise<Machine | null> {
  if (!isMachineId(machineId))
    throw new RangeError(`"${machineId}" cannot name a machine: 1–64 letters, digits, _ or -`);
  checkName(name);
  const [row] = await db.query<MachineRow>(
    `INSERT INTO machine (machine_id, name) VALUES ($1, $2) ON CONFLICT (machine_id) DO NOTHING
     RETURNING id, machine_id, name, created_at, last_seen`,
    [machineId, name],
  );
  return row === undefined ? null : toMachine(row);
}

/** Null where there is no such machine. Throws RangeError where the name cannot be one. */
export async function renameMachine(
  db: TenantDb,
  { machineId, name }: { machineId: string; name: string },
): Promise<Machine | null> {
  checkName(name);
  const [row] = await db.query<MachineRow>(
    `UPDATE machine SET name = $2 WHERE machine_id = $1
     RETURNING id, machine_id, name, created_at, last_seen`,
    [machineId, name],
  );
  return row === undefined ? null : toMachine(row);
}

/** What the machine told of itself last; null where it has not. */
export async function getHostFacts(
  db: TenantDb,
  { id }: { id: number },
): Promise<HostFacts | null> {
  const [row] = await db.query<{ host: HostFacts | null }>(
    "SELECT host FROM machine WHERE id = $1",
    [id],
  );
  return row?.host ?? null;
}

/**
 * Nothing happens where there is no such machine, or where later facts of it are known: they may come late and repeatedly.
 * A clock that is ahead does not keep those of tomorrow out.
 */
export async function setHostFacts(
  db: TenantDb,
  { machineId, facts, now }: { machineId: string; facts: HostFacts; now: Date },
): Promise<void> {
  const readAt = new Date(Math.min(now.getTime(), Date.parse(facts.read_at ?? now.toISOString())));
  await db.query(
    `UPDATE machine SET host = $2
      WHERE machine_id = $1 AND coalesce((host ->> 'read_at')::timestamptz, '-infinity') <= $3`,
    [machineId, JSON.stringify({ ...facts, read_at: readAt.toISOString() }), readAt],
  );
}

/** Deletes the machine with all of its samples. False where there is no such machine. */
export async function deleteMachine(
  db: TenantDb,
  { machineId }: { machineId: string },
): Promise<boolean> {
  const rows = await db.query("DELETE FROM machine WHERE machine_id = $1 RETURNING id", [
    machineId,
  ]);
  return rows.length > 0;
}

/** Notes that samples of the machine have just been received. */
export async function touchMachine(db: TenantDb, { id }: { id: number }): Promise<void> {
  await db.query("UPDATE machine SET last_seen = now() WHERE id = $1", [id]);
}

async function holdMachine(db: TenantDb, machineId: string): Promise<Machine | null> {
  const [row] = await db.query<MachineRow>(
    `SELECT id, machine_id, name, created_at, last_seen FROM machine
      WHERE machine_id = $1 FOR KEY SHARE`,
    [machineId],
  );
  return row === undefined ? null : toMachine(row);
}

function checkName(name: string): void {
  if (name.trim() !== "" && name.length <= 128 && !/\p{Cc}/u.test(name)) return;
  throw new RangeError(
    `Cannot call a machine ${JSON.stringify(name)}: a name has 1–128 characters and no control characters`,
  );
}

interface MachineRow {
  id: number;
  machine_id: string;
  name: string;
  created_at: Date;
  last_seen: Date | null;
}

function toMachine(row: MachineRow): Machine {
  return {
    id: row.id,
    machineId: row.machine_id,
    name: row.name,
    createdAt: row.created_at,
    lastSeen: row.last_seen,
  };
}
