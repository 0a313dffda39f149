import { parseArgs } from "node:util";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { describeArgumentError } from "./argument-error.ts";
import type { GivenValues } from "./config.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { pcdProgram } from "./gateway/settings.ts";
import { parseFlags, renderSettings, toGiven } from "./setting-flags.ts";

type PcdFlags = GivenValues<Extract<keyof typeof pcdProgram.settings, string>>;

interface Given {
  flags: PcdFlags;
  configPath: string | null;
}

export interface CreateKeyArguments extends Given {
  kind: "create key";
  name: string;
  /** Null: the only one that is configured. */
  upstream: string | null;
  machineId: string | null;
  /** Null: standard output. */
  output: string | null;
}

export interface ListKeysArguments extends Given {
  kind: "list keys";
  json: boolean;
}

export interface RevokeKeyArguments extends Given {
  kind: "revoke key";
  name: string;
}

export type PcdArguments =
  | { kind: "help" }
  | { kind: "version" }
  | ({ kind: "run" } & Given)
  | CreateKeyArguments
  | ListKeysArguments
  | RevokeKeyArguments;

/** @throws ExitError with code 64, naming the argument. */
export function parsePcdArguments(argv: readonly string[]): PcdArguments {
  if (argv[0] === "key") return parseKeyArguments(argv.slice(1));
  const { kind, flags, configPath, positionals } = parseFlags(pcdProgram, argv);
  const [first] = positionals;
  if (first !== undefined) throw usage(`"${first}" is no command`);
  return kind === "run" ? { kind, flags, configPath } : { kind };
}

function parseKeyArguments(argv: readonly string[]): PcdArguments {
  const { values, positionals } = parseKeyFlags(argv);
  if (values.help === true) return { kind: "help" };
  const [command = "", name, more] = positionals;
  if (more !== undefined) throw usage(`"${more}" is one argument too many`);
  const given: Given = {
    flags: values.keys === undefined ? {} : { keys: toGiven(values.keys, "--keys") },
    configPath: values.config ?? null,
  };
  if (command === "list" && name === undefined)
    return { kind: "list keys", json: values.json === true, ...given };
  if ((command === "create" || command === "revoke") && name === undefined)
    throw usage(`key ${command} needs the key's name`);
  if (command === "revoke" && name !== undefined) return { kind: "revoke key", name, ...given };
  if (command !== "create" || name === undefined)
    throw usage(`"${["key", command, name].join(" ").trim()}" is no command`);
  const machineId = values["machine-id"] ?? null;
  if (machineId !== null && !isMachineId(machineId))
    throw usage(`--machine-id "${machineId}" is not 1–64 letters, digits, _ or -`);
  const { upstream = null, output = null } = values;
  return { kind: "create key", name, upstream, machineId, output, ...given };
}

function parseKeyFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        keys: { type: "string" },
        config: { type: "string" },
        upstream: { type: "string" },
        "machine-id": { type: "string" },
        output: { type: "string", short: "o" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (cause) {
    const why = describeArgumentError(cause);
    throw new ExitError(exitCodes.usage, `${why}. Try pcd --help.`, { cause });
  }
}

function usage(why: string): ExitError {
  return new ExitError(exitCodes.usage, `Cannot run: ${why}. Try pcd --help.`);
}

export function renderPcdHelp(): string {
  return `pcd – takes samples from many pcc and forwards them to a portal, or stores them as CSV

Usage: pcd [options]
       pcd key create NAME [--upstream NAME] [--machine-id ID] [--output FILE] [--keys PATH] [--config PATH]
       pcd key list [--json] [--keys PATH] [--config PATH]
       pcd key revoke NAME [--keys PATH] [--config PATH]

Examples:
  pcd --portal https://portal.example --api-key-file /etc/perfcollector/key
  pcd --store /data/samples --state /data/pcd --keys /data/pcd-keys.json
  pcd --listen 0.0.0.0:8473 --tls-cert /etc/pcd/cert.pem --tls-key /etc/pcd/key.pem
  pcd key create web-01 --machine-id web-01 --output web-01.key
  PCC_API_KEY_FILE=web-01.key pcc --mode trickle --portal https://gateway.example:8473 10

What is answered with 200 is on disk. It is forwarded under the name that it came with, so that nothing is stored twice; while
the portal is away it waits, and beyond spool_max clients are told to come back, who keep their samples until then.
SIGTERM and SIGINT forward what waits for some seconds and end with exit code 0; the rest waits for the next start. SIGHUP looks at
the upstreams' keys and the certificate again. Keys that are made or revoked are seen within a second.

pcd key create prints the key, once:
  --upstream NAME     where what comes with this key goes to (default: the only one that is configured)
  --machine-id ID     the only machine whose samples the key may send
  -o, --output FILE   writes the key into a new file that only its owner reads, instead of printing it
  --keys PATH, --config PATH
                      as below
  --json              lists as JSON

${renderSettings(pcdProgram)}
The portal's key is never an argument: PCD_API_KEY, or PCD_API_KEY_FILE, or systemd's credential pcd_api_key.
Exit codes: 64 usage, 65 damaged keys, 66 not there, 69 cannot listen, 75 state in use, 77 permission, 78 configuration.
`;
}
