// All settings of the portal, read once. Flags stand before the environment, the environment before defaults.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse, toClientConfig } from "pg-connection-string";
import type { DatabaseAddress } from "./db/database.ts";
import type { Login } from "./db/local-server.ts";
import type { PostgresKind } from "./db/locate.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** Where a PostgreSQL of our own and its secrets live. */
  stateDirectory: string;
  /** Take no other PostgreSQL than this kind; undefined: an installed one if there is one. */
  postgres: PostgresKind | undefined;
  /** A PostgreSQL that somebody else runs; undefined: we run our own. */
  external: ExternalDatabase | undefined;
  host: string;
  port: number;
  /** Origin under which browsers reach the portal; undefined: http://host:port. */
  publicUrl: string | undefined;
  /** Addresses or subnets of reverse proxies whose X-Forwarded-* headers are believed. */
  trustedProxies: string[];
  logLevel: LogLevel;
}

interface ExternalDatabase {
  address: DatabaseAddress;
  control: Login;
  /** Given to `perf-portal migrate` and provisioning, not to the process that serves. */
  migrator: Login | undefined;
  secret: string;
}

const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Command-line flags that overrule the environment. */
export interface Flags {
  stateDir?: string | undefined;
  host?: string | undefined;
  port?: string | undefined;
  publicUrl?: string | undefined;
  logLevel?: string | undefined;
}

/** A setting is missing or wrong. The message names it and says what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export const settingsHelp = `Settings from the environment (a name with _FILE at its end is read from that file):
  DATABASE_URL             PostgreSQL that somebody else runs, logged in as pa_control; without it the
                           portal runs one of its own in the state directory
  MIGRATOR_DATABASE_URL    the same database for migrate, tenant and delete: a login with CREATEROLE that owns it
  PORTAL_SECRET            32 characters or more, from which tenants' passwords and sessions are derived;
                           needed with DATABASE_URL
  PORTAL_STATE_DIR         as --state-dir
  PORTAL_POSTGRES          "installed" or "embedded": which PostgreSQL of our own (default: installed if there is one)
  PORTAL_HOST, PORTAL_PORT, PORTAL_PUBLIC_URL, PORTAL_LOG_LEVEL   as the flags of serve
  PORTAL_TRUSTED_PROXIES   addresses or subnets, comma-separated, whose X-Forwarded-* headers are believed`;

/** Throws ConfigError. */
export function readSettings(flags: Flags = {}, environment: Environment = process.env): Settings {
  const get = (name: string): string | undefined => readVariable(environment, name);
  const stateHome = environment.XDG_STATE_HOME || join(homedir(), ".local/state");
  return {
    stateDirectory: resolve(
      flags.stateDir ?? get("PORTAL_STATE_DIR") ?? join(stateHome, "perfanalysis"),
    ),
    postgres: parsePostgres(get("PORTAL_POSTGRES")),
    external: parseExternal(get),
    host: flags.host ?? get("PORTAL_HOST") ?? "127.0.0.1",
    port: parsePort(flags.port ?? get("PORTAL_PORT") ?? "8080"),
    publicUrl: parsePublicUrl(flags.publicUrl ?? get("PORTAL_PUBLIC_URL")),
    trustedProxies: (get("PORTAL_TRUSTED_PROXIES") ?? "")
      .split(",")
      .map((address) => address.trim())
      .filter((address) => address !== ""),
    logLevel: parseLogLevel(flags.logLevel ?? get("PORTAL_LOG_LEVEL") ?? "info"),
  };
}

/** The variable, or what stands in the file that `NAME_FILE` names. Empty counts as not given. */
function readVariable(environment: Environment, name: string): string | undefined {
  const file = environment[`${name}_FILE`];
  if (environment[name]) return environment[name];
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    throw new ConfigError(`Cannot read ${name}_FILE: ${String(error)}`, { cause: error });
  }
}

function parsePostgres(text: string | undefined): PostgresKind | undefined {
  if (text === undefined || text === "installed" || text === "embedded") return text;
  throw new ConfigError(
    `Cannot take "${text}" as PORTAL_POSTGRES: it must be "installed" or "embedded"`,
  );
}

function parseExternal(get: (name: string) => string | undefined): ExternalDatabase | undefined {
  const control = get("DATABASE_URL");
  if (control === undefined) return undefined;
  const { login, ...address } = parseUrl("DATABASE_URL", control);
  const secret = get("PORTAL_SECRET");
  if (secret === undefined || secret.length < 32)
    throw new ConfigError(
      "Cannot use DATABASE_URL without PORTAL_SECRET: set it to 32 random characters or more, the same for every process (openssl rand -base64 32)",
    );
  const migrator = get("MIGRATOR_DATABASE_URL");
  return {
    address,
    control: login,
    migrator:
      migrator === undefined ? undefined : parseUrl("MIGRATOR_DATABASE_URL", migrator).login,
    secret,
  };
}

/** Never quotes the URL: it holds a password. */
function parseUrl(name: string, url: string): DatabaseAddress & { login: Login } {
  try {
    const { user, password, ...address } = toClientConfig(parse(url));
    if (!user || typeof password !== "string" || password === "" || !address.database)
      throw new ConfigError(`user, password and database must all be given`);
    return { ...address, login: { user, password } };
  } catch (error) {
    const why = error instanceof ConfigError ? error.message : "it is not a PostgreSQL URL";
    throw new ConfigError(
      `Cannot read ${name}: ${why} (postgresql://user:password@host:5432/database)`,
    );
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new ConfigError(`Cannot take "${text}" as a port: it must be a number from 0 to 65535`);
}

function parsePublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/") return url.origin;
  throw new ConfigError(
    `Cannot take "${text}" as the public URL: it must be like https://portal.example.com`,
  );
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((name) => name === text);
  if (level !== undefined) return level;
  throw new ConfigError(
    `Cannot take "${text}" as log level: it must be one of ${logLevels.join(", ")}`,
  );
}
