import { Type } from "@fastify/type-provider-typebox";
import {
  Machine as MachineSchema,
  MachineDetail,
  MachineEdit,
  MachineId,
  MachineInput,
  MachineList,
  PageQuery,
} from "@perfanalysis/contract/api";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { recordAudit } from "../audit/audit.ts";
import { asTenant, type TenantDb } from "../db/tenant-db.ts";
import { requireScope, type App, type Services } from "../http/app.ts";
import { requireCursor, toPage } from "../http/paging.ts";
import { invalidField, notFound } from "../http/problem.ts";
import { readLatest, type LatestSample } from "../samples/latest.ts";
import { listColumns, readTimeRange } from "../samples/read.ts";
import {
  deleteMachine,
  getHostFacts,
  getMachine,
  listMachines,
  registerMachine,
  renameMachine,
  type Machine,
} from "./machines.ts";

const MachinePath = Type.Object({ machine_id: MachineId });

export function registerMachineRoutes(app: App, { database }: Services): void {
  const tags = ["machines"];
  const [mayRead, mayAdminister] = [requireScope("read"), requireScope("admin")];

  app.get(
    "/api/v1/machines",
    {
      preHandler: mayRead,
      schema: {
        tags,
        summary: "The tenant's machines with their newest samples, in the order of their ids",
        querystring: PageQuery,
        response: { 200: MachineList },
      },
    },
    async ({ principal, query: { cursor, limit } }) => {
      requireCursor(cursor, isMachineId);
      return asTenant(database, principal.tenantId, async (db) => {
        const found = await listMachines(db, { limit: limit + 1, after: cursor });
        const toCursor = ({ machineId }: Machine): string => machineId;
        const { page, nextCursor } = toPage(found, { limit, toCursor });
        return { machines: await withLatest(db, page), next_cursor: nextCursor };
      });
    },
  );

  app.post(
    "/api/v1/machines",
    {
      preHandler: mayAdminister,
      schema: {
        tags,
        summary: "Register a machine before its first sample; uploads do so by themselves",
        body: MachineInput,
        response: { 201: MachineSchema },
      },
    },
    async ({ principal, body: { machine_id: machineId, name } }, reply) => {
      const machine = await asTenant(database, principal.tenantId, (db) =>
        registerMachine(db, { machineId, name }),
      ).catch(refuseName);
      if (machine === null)
        throw new HttpProblem(409, "Conflict", `There is a machine "${machineId}" already.`);
      return reply.code(201).send(toJson(machine, undefined));
    },
  );

  app.get(
    "/api/v1/machines/:machine_id",
    {
      preHandler: mayRead,
      schema: {
        tags,
        summary: "One machine, its columns and the time range of its samples",
        params: MachinePath,
        response: { 200: MachineDetail },
      },
    },
    async ({ principal, params: { machine_id: machineId } }) =>
      asTenant(database, principal.tenantId, async (db) => {
        const machine = await getMachine(db, { machineId });
        if (machine === null) throw unknownMachine(machineId);
        const range = await readTimeRange(db, machine);
        const columns = await listColumns(db, machine);
        const latest = await readLatest(db, [machine.id]);
        return {
          ...toJson(machine, latest.get(machine.id)),
          host: await getHostFacts(db, machine),
          columns,
          timestamp_range:
            range === null ? null : { start: toTime(range.startS), end: toTime(range.endS) },
        };
      }),
  );

  app.patch(
    "/api/v1/machines/:machine_id",
    {
      preHandler: mayAdminister,
      schema: {
        tags,
        summary: "Change a machine's name",
        params: MachinePath,
        body: MachineEdit,
        response: { 200: MachineSchema },
      },
    },
    async ({ principal, params: { machine_id: machineId }, body: { name } }) =>
      asTenant(database, principal.tenantId, async (db) => {
        const machine = await renameMachine(db, { machineId, name }).catch(refuseName);
        if (machine === null) throw unknownMachine(machineId);
        const latest = await readLatest(db, [machine.id]);
        return toJson(machine, latest.get(machine.id));
      }),
  );

  app.delete(
    "/api/v1/machines/:machine_id",
    {
      preHandler: mayAdminister,
      schema: {
        tags,
        summary: "Delete a machine with all of its samples; there is no way back",
        params: MachinePath,
        response: { 204: Type.Null() },
      },
    },
    async ({ principal, params: { machine_id: machineId } }, reply) => {
      const isDeleted = await asTenant(database, principal.tenantId, async (db) => {
        const existed = await deleteMachine(db, { machineId });
        if (existed)
          await recordAudit(db, principal, { action: "machine.delete", target: machineId });
        return existed;
      });
      if (!isDeleted) throw unknownMachine(machineId);
      return reply.code(204).send(null);
    },
  );
}

async function withLatest(db: TenantDb, machines: Machine[]) {
  const latest = await readLatest(
    db,
    machines.map(({ id }) => id),
  );
  return machines.map((machine) => toJson(machine, latest.get(machine.id)));
}

function toJson(machine: Machine, latest: LatestSample | undefined) {
  return {
    machine_id: machine.machineId,
    name: machine.name,
    created_at: machine.createdAt.toISOString(),
    last_seen: machine.lastSeen?.toISOString() ?? null,
    latest:
      latest === undefined ? null : { time: toTime(latest.timeS), values: { ...latest.values } },
  };
}

function toTime(timeS: number): string {
  return new Date(timeS * 1000).toISOString();
}

function refuseName(error: unknown): never {
  if (!(error instanceof RangeError)) throw error;
  throw invalidField("/name", error.message);
}

function unknownMachine(machineId: string): HttpProblem {
  return notFound(`There is no machine "${machineId}".`);
}
