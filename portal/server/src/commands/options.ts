// What perf-portal's commands share: how options are read, what JSON looks like, which exit code means what.
import { Scope, type Me } from "@perfanalysis/contract/api";
import { CommanderError, InvalidArgumentError } from "commander";
import { Value } from "typebox/value";
import { ConfigError } from "../config.ts";
import { DatabaseUnavailable } from "../db/unavailable.ts";
import type { Key } from "../keys/keys.ts";
import { parseTime } from "../samples/times.ts";
import type { Tenant } from "../tenants/tenants.ts";

// https://man.freebsd.org/cgi/man.cgi?sysexits
export const exitCodes = {
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  noPermission: 77,
  config: 78,
} as const;

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a command cannot do, and the code with which it ends. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function exitCodeOf(error: unknown): ExitCode | 0 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError) return exitCodes.config;
  if (error instanceof RangeError) return exitCodes.data;
  if (error instanceof DatabaseUnavailable) return exitCodes.unavailable;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return exitCodes.noInput;
  if (code === "EACCES" || code === "EPERM") return exitCodes.noPermission;
  return code === "EADDRINUSE" ? exitCodes.unavailable : exitCodes.software;
}

export function parseRole(text: string): Me["role"] {
  if (text === "owner" || text === "admin" || text === "member") return text;
  throw new InvalidArgumentError("It must be owner, admin or member.");
}

export function collectScope(text: string, earlier: Scope[] = []): Scope[] {
  if (Value.Check(Scope, text)) return [...earlier, text];
  throw new InvalidArgumentError("It must be ingest, read or admin.");
}

export function parseDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= 36_500) return days;
  throw new InvalidArgumentError("It must be a number of days above 0.");
}

/** Unix seconds. */
export function parseMoment(text: string): number {
  const timeS = parseTime(text);
  if (timeS !== null) return timeS;
  throw new InvalidArgumentError(
    "It must be like 2026-01-31, 2026-01-31T12:00:00Z or Unix seconds.",
  );
}

export function tenantJson({ tenantId, name, createdAt, suspendedAt }: Tenant) {
  return {
    tenant_id: tenantId,
    name,
    created_at: createdAt.toISOString(),
    suspended_at: suspendedAt?.toISOString() ?? null,
  };
}

export function stateOf({
  revokedAt,
  expiresAt,
}: Pick<Key, "revokedAt" | "expiresAt">): "valid" | "revoked" | "expired" {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= new Date() ? "expired" : "valid";
}
