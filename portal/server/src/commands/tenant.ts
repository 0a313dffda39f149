import type { Command } from "commander";
import type { Flags } from "../config.ts";
import {
  createTenant,
  deleteTenant,
  listTenants,
  provisioningQuery,
  resumeTenant,
  suspendTenant,
} from "../tenants/tenants.ts";
import { command, tenantOf, withDatabase, withProvisioning, type Terminal } from "./command.ts";
import { tenantJson } from "./options.ts";

export function addTenantCommands(program: Command, terminal: Terminal): void {
  const tenantCommand = program
    .command("tenant")
    .description("Create, list, suspend, resume and delete tenants.");

  command(tenantCommand, "create NAME", "perf-portal tenant create acme")
    .description("Create a tenant with a role and a schema of its own.")
    .option("--json", "print JSON")
    .action(async (name: string, flags: Flags & { json?: boolean }) => {
      const tenant = await withProvisioning(terminal, flags, (provisioning) =>
        createTenant(provisioning, { name }),
      );
      if (flags.json) terminal.printJson(tenantJson(tenant));
      else terminal.print(`Created tenant "${tenant.name}" (${tenant.tenantId}).`);
    });

  command(tenantCommand, "list", "perf-portal tenant list --json")
    .description("List the tenants.")
    .option("--json", "print JSON")
    .action(async (flags: Flags & { json?: boolean }) => {
      const tenants = await withDatabase(terminal, flags, ({ database }) =>
        listTenants(database.control.query),
      );
      if (flags.json) return terminal.printJson({ tenants: tenants.map(tenantJson) });
      for (const { tenantId, name, suspendedAt } of tenants)
        terminal.print(`${tenantId}  ${name}${suspendedAt === null ? "" : "  (suspended)"}`);
    });

  for (const [verb, change, done] of [
    ["suspend", suspendTenant, "Suspended"],
    ["resume", resumeTenant, "Resumed"],
  ] as const)
    command(tenantCommand, `${verb} TENANT`, `perf-portal tenant ${verb} acme`)
      .description(
        verb === "suspend" ? "Refuse its keys and people; keep its data." : "Let it in again.",
      )
      .action(async (nameOrId: string, flags: Flags) => {
        await withProvisioning(terminal, flags, async (provisioning) => {
          const tenant = await tenantOf(provisioningQuery(provisioning.client), nameOrId);
          await change(provisioning.client, tenant.tenantId);
          terminal.print(`${done} tenant "${tenant.name}".`);
        });
      });

  command(tenantCommand, "delete TENANT", "perf-portal tenant delete acme --yes")
    .description("Delete a tenant: its data, role, keys and people. There is no way back.")
    .option("--yes", "do not ask")
    .action(async (nameOrId: string, flags: Flags & { yes?: boolean }) => {
      await withProvisioning(terminal, flags, async (provisioning) => {
        const tenant = await tenantOf(provisioningQuery(provisioning.client), nameOrId);
        await terminal.confirm(
          `delete tenant "${tenant.name}" with all of its data`,
          tenant.name,
          flags,
        );
        await deleteTenant(provisioning.client, tenant.tenantId);
        terminal.print(`Deleted tenant "${tenant.name}".`);
      });
    });
}
