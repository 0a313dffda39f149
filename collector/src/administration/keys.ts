// pcctl keys: the keys of a portal, over its API, or of the pcd on this machine, in its file.
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { readSettings } from "../config.ts";
import { ExitError, exitCodes } from "../exit.ts";
import {
  createKey,
  describeNoKeys,
  readKeys,
  revokeKey,
  type GatewayKey,
} from "../gateway/keys.ts";
import { pcdProgram } from "../gateway/settings.ts";
import { listUpstreams } from "../gateway/upstreams.ts";
import { openNewSecretFile } from "../new-secret-file.ts";
import { serverUrl, ValueError } from "../setting-shapes.ts";
import { toGiven } from "../setting-flags.ts";
import { describeAnswer } from "../upload/answers.ts";
import { sendRequest, toApiUrl, toJsonBody, type HttpAnswer } from "../upload/request.ts";
import { whyUnreachable } from "../upload/unreachable.ts";
import { parseArguments, refusePositionals, usage } from "./arguments.ts";
import { readSecretFile } from "./portal-key.ts";
import type { Terminal } from "./terminal.ts";
import { renderTable, toPlainText } from "./text.ts";

export const help = `pcctl keys – the keys of a portal, or of the pcd on this machine

Usage: pcctl keys list [options]
       pcctl keys create NAME [options]
       pcctl keys revoke NAME|ID [options]

Examples:
  pcctl keys list --portal https://portal.example --admin-key-file admin.key
  pcctl keys create web-fleet --portal https://portal.example --admin-key-file admin.key --output web-fleet.key
  pcctl keys revoke 0b0e4c1e-… --portal https://portal.example --admin-key-file admin.key
  pcctl keys create web-01 --machine-id web-01 --output web-01.key          of the pcd on this machine

With --portal, the portal's keys, by a key of scope admin; else those of the pcd whose file of keys its settings name. A key is shown once, or
written to a file that only its owner reads; it cannot be read again.

  --portal URL            the portal; without it: pcd
  --admin-key-file FILE   file with a key of the portal that has the scope admin, - is standard input
  --scope ingest|read|admin
                          what the key may do; may be given several times (default: ingest; of the portal only)
  --machine-id ID         the one machine whose samples the key sends (default: any)
  --upstream NAME         where what comes with the key goes to (pcd only; default: the only one that is configured)
  --keys PATH             pcd's file of keys (default: as its settings say)
  --config PATH           pcd's configuration file
  -o, --output FILE       writes the key into a new file instead of printing it
  --json                  prints JSON

Exit codes: 64 usage, 66 no such key, 69 the portal does not answer, 77 not allowed, 78 configuration.
`;

/** A key as it is shown, of either kind. */
interface ShownKey {
  id: string;
  name: string;
  hint: string;
  /** Scopes, or the upstream. */
  use: string;
  machineId: string | null;
  created: string;
  /** `valid`, `revoked` or `expired`. */
  state: string;
  json: object;
}

interface NewKey {
  name: string;
  scopes: string[];
  machineId: string | null;
  upstream: string | null;
}

/** Whose keys they are. */
interface KeyStore {
  /** What is said where there are none. */
  none: string;
  list(): Promise<ShownKey[]>;
  create(wanted: NewKey): Promise<{ key: ShownKey; token: string }>;
  revoke(nameOrId: string): Promise<string>;
}

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("keys", argv, {
    portal: { type: "string" },
    "admin-key-file": { type: "string" },
    scope: { type: "string", multiple: true },
    "machine-id": { type: "string" },
    upstream: { type: "string" },
    keys: { type: "string" },
    config: { type: "string" },
    output: { type: "string", short: "o" },
    json: { type: "boolean" },
  });
  const [verb = "", name, ...rest] = positionals;
  refusePositionals("keys", rest);
  if (verb !== "list" && verb !== "create" && verb !== "revoke") {
    const why = verb === "" ? "Give" : `Cannot use "${verb}": give`;
    throw usage("keys", `${why} list, create or revoke`);
  }
  const machineId = values["machine-id"] ?? null;
  if (machineId !== null && !isMachineId(machineId)) {
    throw usage(
      "keys",
      `Cannot use --machine-id "${machineId}": it is not 1–64 letters, digits, _ or -`,
    );
  }
  const store =
    values.portal === undefined
      ? await openPcdKeys(values)
      : openPortalKeys(values.portal, values["admin-key-file"], terminal.signal);
  const json = values.json === true;
  if (verb === "list") {
    if (name !== undefined) throw usage("keys", `Cannot use "${name}": too many arguments`);
    const keys = await store.list();
    if (keys.length === 0) terminal.report(store.none);
    return list(keys, json, terminal);
  }
  if (name === undefined) throw usage("keys", `Give the key's name to ${verb}`);
  if (verb === "revoke") {
    const revoked = await store.revoke(name);
    if (json) terminal.printJson({ revoked });
    else terminal.print(`revoked ${toPlainText(revoked)}`);
    return exitCodes.ok;
  }
  const { output } = values;
  const wanted = {
    name,
    scopes: values.scope ?? ["ingest"],
    machineId,
    upstream: values.upstream ?? null,
  };
  const file = output === undefined ? null : openNewSecretFile(output);
  let created: { key: ShownKey; token: string };
  try {
    created = await store.create(wanted);
    file?.write(created.token);
  } finally {
    file?.discard();
  }
  const { key, token } = created;
  if (json) terminal.printJson({ ...key.json, ...(output === undefined ? { key: token } : {}) });
  else if (output === undefined) terminal.print(token);
  else terminal.print(`created ${toPlainText(key.name)}: ${output}`);
  return exitCodes.ok;
}

function list(keys: readonly ShownKey[], json: boolean, terminal: Terminal): number {
  if (json) {
    terminal.printJson({ keys: keys.map((key) => key.json) });
    return exitCodes.ok;
  }
  const rows = keys.map(({ name, hint, use, machineId, state, created, id }) =>
    [name, `…${hint}`, use, machineId ?? "any", state, created.slice(0, 10), id].map(toPlainText),
  );
  const heading = ["NAME", "KEY", "FOR", "MACHINE", "STATE", "CREATED", "ID"];
  terminal.print(renderTable([heading, ...rows], terminal.style));
  return exitCodes.ok;
}

async function openPcdKeys(flags: {
  keys?: string | undefined;
  config?: string | undefined;
  scope?: string[] | undefined;
}): Promise<KeyStore> {
  if (flags.scope !== undefined)
    throw usage("keys", "Cannot use --scope without --portal: keys of pcd only send");
  const settings = await readSettings(pcdProgram, {
    configPath: flags.config ?? null,
    flags: flags.keys === undefined ? {} : { keys: toGiven(flags.keys, "--keys") },
  });
  return {
    none: describeNoKeys(settings.keys),
    list: async () => readKeys(settings.keys).map(showGatewayKey),
    async create({ name, machineId, upstream: given }) {
      const upstreams = listUpstreams(settings);
      const [only] = upstreams;
      const upstream = given ?? (upstreams.length === 1 ? only : undefined);
      if (upstream === undefined) {
        const known = upstreams.length === 0 ? "none is configured" : upstreams.join(", ");
        throw usage("keys", `Say with --upstream where the samples of "${name}" go (${known})`);
      }
      const made = createKey(settings.keys, { name, upstream, machineId, now: new Date() });
      return { key: showGatewayKey(made.key), token: made.token };
    },
    revoke: async (name) => revokeKey(settings.keys, { name, now: new Date() }).name,
  };
}

function showGatewayKey({
  name,
  hint,
  upstream,
  machineId,
  created,
  revoked,
}: GatewayKey): ShownKey {
  return {
    id: "",
    name,
    hint,
    use: upstream,
    machineId,
    created,
    state: revoked === null ? "valid" : "revoked",
    json: { name, hint, upstream, machine_id: machineId, created, revoked },
  };
}

function openPortalKeys(
  address: string,
  keyFile: string | undefined,
  signal: AbortSignal,
): KeyStore {
  if (keyFile === undefined) throw usage("keys", "Give a key of scope admin with --admin-key-file");
  const portal = parsePortal(address);
  const headers = { authorization: `Bearer ${readSecretFile(keyFile)}` };
  const ask = async (
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: object,
  ): Promise<HttpAnswer> => {
    const answer = await sendRequest(toApiUrl(portal, path), {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: toJsonBody(body) }),
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      const why = whyUnreachable(cause);
      throw new ExitError(
        exitCodes.unavailable,
        `Cannot reach the portal at ${portal.origin}: ${why}`,
        { cause },
      );
    });
    if (answer.status < 300) return answer;
    throw new ExitError(
      exitCodeOf(answer.status),
      `Cannot ask the portal at ${portal.origin}: ${describeAnswer(answer)}`,
    );
  };
  const readAll = async (): Promise<ShownKey[]> => {
    const keys: ShownKey[] = [];
    let cursor = "";
    do {
      const { json } = await ask("GET", `api/v1/keys?limit=500${cursor}`);
      if (Array.isArray(json["keys"])) keys.push(...json["keys"].map(showPortalKey));
      const next = json["next_cursor"];
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    return keys;
  };
  return {
    none: `there are no keys at ${portal.origin}`,
    list: readAll,
    async create({ name, scopes, machineId, upstream }) {
      if (upstream !== null)
        throw usage("keys", "Cannot use --upstream with --portal: it is pcd's");
      const used = (await readAll()).find((key) => key.name === name && key.state === "valid");
      if (used !== undefined) {
        throw usage(
          "keys",
          `Cannot create key "${name}": there is one of this name (id ${used.id}); revoke it first, or choose another name`,
        );
      }
      const bound = machineId === null ? {} : { machine_id: machineId };
      const { json } = await ask("POST", "api/v1/keys", { name, scopes, ...bound });
      const { key: token, ...rest } = json;
      if (typeof token !== "string") {
        throw new ExitError(exitCodes.unavailable, "Cannot create the key: the portal gave none");
      }
      return { key: showPortalKey(rest), token };
    },
    async revoke(nameOrId) {
      const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrId);
      const id = isId ? nameOrId : findByName(await readAll(), nameOrId);
      const { json } = await ask("DELETE", `api/v1/keys/${id}`);
      return showPortalKey(json).name;
    },
  };
}

/** Names are not unique in a portal: whoever makes keys there by other means may use one again. */
function findByName(keys: readonly ShownKey[], name: string): string {
  const [found, other] = keys.filter((key) => key.name === name && key.state === "valid");
  if (found === undefined) {
    throw new ExitError(
      exitCodes.noInput,
      `Cannot revoke "${name}": there is no valid key of this name`,
    );
  }
  if (other === undefined) return found.id;
  throw usage("keys", `Cannot revoke "${name}": several keys have this name; give the id of one`);
}

function showPortalKey(json: unknown): ShownKey {
  // An object that is no array has string keys.
  const key = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof key[name] === "string" ? key[name] : "");
  const { scopes, machine_id: machineId, revoked_at: revoked, expires_at: expires } = key;
  const isExpired = typeof expires === "string" && Date.parse(expires) <= Date.now();
  return {
    id: text("key_id"),
    name: text("name"),
    hint: text("hint"),
    use: Array.isArray(scopes) ? scopes.join(",") : "",
    machineId: typeof machineId === "string" ? machineId : null,
    created: text("created_at"),
    state: typeof revoked === "string" ? "revoked" : isExpired ? "expired" : "valid",
    json: key,
  };
}

function parsePortal(text: string): URL {
  try {
    return serverUrl("").parse(text);
  } catch (cause) {
    if (!(cause instanceof ValueError)) throw cause;
    throw usage("keys", `Cannot use --portal "${text}": it is not ${cause.message}`, cause);
  }
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return exitCodes.permission;
  if (status === 404) return exitCodes.noInput;
  return status < 500 ? exitCodes.usage : exitCodes.unavailable;
}
