// The gateway's own keys: a file that holds what each may do, and of the key itself only the SHA-256. Format of a key: contract/token.ts
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { isToken, newToken } from "@perfanalysis/contract/token";
import { acquireLock } from "../capture/lock.ts";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { takePlaceOf } from "../whose.ts";

export interface GatewayKey {
  /** By which people know it; unique among those that are not revoked. */
  name: string;
  /** Hexadecimal. */
  sha256: string;
  /** The key's last four characters. */
  hint: string;
  /** Where what comes with this key goes to. */
  upstream: string;
  /** The only machine whose samples it may send; null: any. */
  machineId: string | null;
  /** RFC 3339. */
  created: string;
  revoked: string | null;
}

const formatName = "perfanalysis-gateway-keys";
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._@:-]{0,63}$/u;
export const upstreamPattern = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/**
 * All keys, revoked ones too; none where there is no file.
 * @throws ExitError naming the file where it is damaged or cannot be read.
 */
export function readKeys(path: string): GatewayKey[] {
  try {
    return parseKeys(path, readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof ExitError) throw error;
    // A folder above it that nobody may look into is not the same.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    const message = `Cannot read keys of ${path}: ${messageOf(error)}`;
    throw new ExitError(exitCodeOf(error), message, { cause: error });
  }
}

/** What to do where there is no key. */
export function describeNoKeys(path: string): string {
  return `there are no keys in ${path}; "pcd key create NAME" makes one`;
}

/**
 * Adds a key to the file and gives it back: it is shown once and stored nowhere.
 * @throws ExitError where the name is taken or cannot be one, LockedError, and the system's errors.
 */
export function createKey(
  path: string,
  {
    name,
    upstream,
    machineId,
    now,
  }: { name: string; upstream: string; machineId: string | null; now: Date },
): { key: GatewayKey; token: string } {
  if (!namePattern.test(name)) {
    throw new ExitError(
      exitCodes.usage,
      `Cannot create key ${JSON.stringify(name)}: a name has 1–64 letters, digits, spaces and ._@:-`,
    );
  }
  const token = newToken(["ingest"], { randomBytes });
  const key: GatewayKey = {
    name,
    sha256: createHash("sha256").update(token).digest("hex"),
    hint: token.slice(-4),
    upstream,
    machineId,
    created: now.toISOString(),
    revoked: null,
  };
  changeKeys(path, (keys) => {
    if (keys.some((other) => other.name === name && other.revoked === null)) {
      throw new ExitError(
        exitCodes.usage,
        `Cannot create key "${name}": there is one of this name; revoke it first, or choose another name`,
      );
    }
    return [...keys, key];
  });
  return { key, token };
}

/**
 * From now on the key is refused.
 * @throws ExitError where there is no valid key of this name, LockedError, and the system's errors.
 */
export function revokeKey(path: string, { name, now }: { name: string; now: Date }): GatewayKey {
  let revoked: GatewayKey | undefined;
  changeKeys(path, (keys) =>
    keys.map((key) => {
      if (key.name !== name || key.revoked !== null) return key;
      revoked = { ...key, revoked: now.toISOString() };
      return revoked;
    }),
  );
  if (revoked !== undefined) return revoked;
  throw new ExitError(
    exitCodes.noInput,
    `Cannot revoke key "${name}": there is no valid key of this name in ${path}`,
  );
}

/** The keys of the file as it is now. */
export interface KeyRing {
  /** Null where the key is mistyped, unknown or revoked. */
  find(token: string): GatewayKey | null;
  /** How many are valid. */
  count(): number;
  /** Why the file cannot be read at present; the keys that it had before hold on, where there were any. */
  readonly error: string | null;
  /** Whether the file was ever read: before that, nobody knows who may do what. */
  readonly isRead: boolean;
}

/** How old the last look at the file may be. */
const lookMs = 500;

/** Looks at the file again when a key is asked for, but not more often than twice a second. */
export function openKeyRing(
  path: string,
  { monotonicMs, report }: { monotonicMs: () => number; report: (message: string) => void },
): KeyRing {
  let byHash = new Map<string, GatewayKey>();
  let lookedMs = Number.NEGATIVE_INFINITY;
  let seen = "";
  let error: string | null = null;
  let isRead = false;
  const look = (): void => {
    const nowMs = monotonicMs();
    if (nowMs - lookedMs < lookMs) return;
    lookedMs = nowMs;
    try {
      const stat = statSync(path, { throwIfNoEntry: false });
      const mark =
        stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
      // A file that could not be read may be readable now although it is the same.
      if (mark === seen && error === null) return;
      const valid = readKeys(path).filter(({ revoked }) => revoked === null);
      byHash = new Map(valid.map((key) => [key.sha256, key]));
      seen = mark;
      if (error !== null) report(`the keys of ${path} can be read again`);
      error = null;
      isRead = true;
    } catch (cause) {
      const why = messageOf(cause);
      if (why === error) return;
      error = why;
      report(
        `${why}; ${isRead ? "the keys that were read before hold on" : "until it can be read, nothing is taken"}`,
      );
    }
  };
  look();
  return {
    find(token) {
      look();
      if (!isToken(token)) return null;
      const hash = createHash("sha256").update(token).digest();
      // The hash of 160 random bits is looked up, so how long that takes says nothing about any key.
      const key = byHash.get(hash.toString("hex"));
      return key !== undefined && timingSafeEqual(hash, Buffer.from(key.sha256, "hex"))
        ? key
        : null;
    },
    count() {
      look();
      return byHash.size;
    },
    get error() {
      return error;
    },
    get isRead() {
      return isRead;
    },
  };
}

function changeKeys(path: string, change: (keys: GatewayKey[]) => GatewayKey[]): void {
  try {
    changeLockedKeys(path, change);
  } catch (error) {
    // Not those of `change`, nor that another process has the lock.
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const message = `Cannot write keys to ${path}: ${messageOf(error)}`;
    throw new ExitError(exitCodeOf(error), message, { cause: error });
  }
}

function changeLockedKeys(path: string, change: (keys: GatewayKey[]) => GatewayKey[]): void {
  makeFolder(dirname(path));
  const lock = acquireLock(path);
  try {
    const keys = change(readKeys(path));
    const before = statSync(path, { throwIfNoEntry: false });
    const draft = `${path}.new`;
    const json = {
      format: formatName,
      keys: keys.map(({ machineId, ...key }) => ({ ...key, machine_id: machineId })),
    };
    const descriptor = openSync(draft, "w", 0o644);
    try {
      writeFileSync(descriptor, `${JSON.stringify(json, null, 2)}\n`);
      // Whoever reads hashes of 160 random bits learns no key; the gateway has a user of its own and must read them.
      takePlaceOf(before, descriptor, { mode: 0o644 });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, path);
  } finally {
    lock.release();
  }
}

function parseKeys(path: string, text: string): GatewayKey[] {
  try {
    const json: unknown = JSON.parse(text);
    if (
      typeof json !== "object" ||
      json === null ||
      !("format" in json) ||
      json.format !== formatName ||
      !("keys" in json) ||
      !Array.isArray(json.keys)
    ) {
      throw new SyntaxError("it is no file of gateway keys");
    }
    return json.keys.map(toKey);
  } catch (cause) {
    const why = messageOf(cause);
    throw new ExitError(exitCodes.badData, `Cannot read keys of ${path}: ${why}`, { cause });
  }
}

function toKey(json: unknown, index: number): GatewayKey {
  if (typeof json !== "object" || json === null)
    throw new SyntaxError(`key ${index + 1} is no object`);
  const { name, sha256, hint, upstream, machine_id, created, revoked } = json as Record<
    string,
    unknown
  >;
  if (
    typeof name !== "string" ||
    typeof sha256 !== "string" ||
    !/^[0-9a-f]{64}$/.test(sha256) ||
    typeof hint !== "string" ||
    typeof upstream !== "string" ||
    !upstreamPattern.test(upstream) ||
    !(machine_id === null || (typeof machine_id === "string" && isMachineId(machine_id))) ||
    typeof created !== "string" ||
    !(revoked === null || typeof revoked === "string")
  ) {
    throw new SyntaxError(`key ${index + 1} lacks something, or has what no key has`);
  }
  return { name, sha256, hint, upstream, machineId: machine_id, created, revoked };
}
