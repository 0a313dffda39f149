import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { readSettings } from "../config.ts";
import { openDatabase, type Database } from "../db/database.ts";
import { deleteLocalServer, openLocalServer, type LocalServer } from "../db/local-server.ts";
import { migrate } from "../db/migrate.ts";
import type { TenantId } from "../db/tenant-db.ts";
import { createLog } from "../http/log.ts";
import { openJobQueue, type JobHandlers, type JobQueue } from "./queue.ts";

// A database of its own: on the tests' common one the portals of other tests would take these jobs.
let directory: string;
let server: LocalServer;
let database: Database;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "perfanalysis-jobs-"));
  server = await openLocalServer({
    stateDirectory: directory,
    kind: readSettings().postgres,
    durable: false,
  });
  await migrate(server);
  database = openDatabase(server);
});
afterAll(async () => {
  await database.close();
  await server.close();
  await deleteLocalServer(directory);
  await rm(directory, { recursive: true, force: true });
});

async function openQueue(handlers: Partial<JobHandlers> | null): Promise<JobQueue> {
  const nothing = async () => undefined;
  const queue = await openJobQueue({
    address: server.address,
    login: server.control,
    log: createLog("silent"),
    handlers: handlers && {
      report: nothing,
      "sweep-reports": nothing,
      "seal-samples": nothing,
      "clean-stream-batches": nothing,
      "clean-sessions": nothing,
      ...handlers,
    },
  });
  onTestFinished(() => queue.close());
  return queue;
}

const tenantId = "00000000-0000-4000-8000-000000000000" as TenantId;
const newReport = () => ({ tenantId, reportId: crypto.randomUUID() });

test("a job is worked on at once, with what it was given", async () => {
  const seen: unknown[] = [];
  const queue = await openQueue({ report: async (data) => void seen.push(data) });
  const report = newReport();
  await queue.enqueue("report", report, report.reportId);
  await vi.waitFor(() => expect(seen).toEqual([report]), { timeout: 5_000 });
});

test("the same job is not added twice while it waits", async () => {
  const idle = await openQueue(null);
  const [report, other] = [newReport(), newReport()];
  for (const each of [report, report, other]) await idle.enqueue("report", each, each.reportId);
  const seen: string[] = [];
  await openQueue({ report: async ({ reportId }) => void seen.push(reportId) });
  await vi.waitFor(() => expect(seen).toContain(other.reportId), { timeout: 5_000 });
  expect(seen.filter((id) => id === report.reportId)).toHaveLength(1);
});

test("a job that a stop interrupts is run again after the next start", async () => {
  const started = Promise.withResolvers<void>();
  const first = await openQueue({
    report: async (_data, signal) => {
      started.resolve();
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    },
  });
  const report = newReport();
  await first.enqueue("report", report, report.reportId);
  await started.promise;
  await first.close();
  const seen: unknown[] = [];
  await openQueue({ report: async (data) => void seen.push(data) });
  await vi.waitFor(() => expect(seen).toContainEqual(report), { timeout: 25_000 });
});

test("the tables are those that this version of pg-boss wants", async () => {
  const boss = new PgBoss({
    ...server.control,
    host: server.address.host ?? "",
    port: server.address.port ?? 0,
    database: server.address.database ?? "",
    schema: "jobs",
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
  boss.on("error", () => undefined);
  await boss.start();
  onTestFinished(() => boss.stop({ graceful: false }));
  expect(await boss.detectSchemaDrift()).toMatchObject({ ok: true });
});

test("the serving process's login may not change the queue's tables", async () => {
  const { query } = database.control;
  for (const statement of [
    "CREATE TABLE jobs.mine (id int)",
    "ALTER TABLE jobs.job ADD COLUMN mine int",
    "DROP TABLE jobs.schedule",
  ])
    await expect(query(statement)).rejects.toMatchObject({ code: "42501" });
});
