// pcctl enroll: registers this host with a portal, and writes the key that it receives and the settings that use it.
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { isEnrolmentToken } from "@perfanalysis/contract/token";
import { readEnrolmentToken } from "../config.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { readHost } from "../sampling/host.ts";
import { readHostFacts } from "../sampling/host-facts.ts";
import { readInterfaceSpeeds } from "../sampling/interface-speeds.ts";
import { serverUrl, ValueError } from "../setting-shapes.ts";
import { pccProgram } from "../settings.ts";
import { describeAnswer } from "../upload/answers.ts";
import { sendRequest, toApiUrl, toJsonBody } from "../upload/request.ts";
import { whyUnreachable } from "../upload/unreachable.ts";
import { takePlaceOf } from "../whose.ts";
import { parseArguments, refusePositionals, usage } from "./arguments.ts";
import { editSettings } from "./edit-settings.ts";
import { readSecretFile, warnUnencrypted } from "./portal-key.ts";
import type { Terminal } from "./terminal.ts";
import { toPlainText } from "./text.ts";

export const help = `pcctl enroll – registers this host with a portal and lets pcc send its samples there

Usage: pcctl enroll --portal URL [options]

Examples:
  sudo pcctl enroll --portal https://portal.example                 asks for the token
  sudo pcctl enroll --portal https://portal.example --token-file /root/rack-7.token
  PCC_ENROLMENT_TOKEN=$(vault read …) pcctl enroll --portal https://portal.example --json
  pcctl enroll --portal https://portal.example --config ./config.yaml --key-file ./key --token-file -

A person who administers the portal makes the token (perf-portal enrol-token create, or POST /api/v1/enrolments); it works for an hour. The host
receives a key of its own, which sends this machine's samples and nothing else. The key goes into a file that only its owner reads, and the
configuration file learns portal, api_key_file and mode; whatever else stands in it, comments too, stays as it is.

  --portal URL        the portal
  --token-file FILE   file with the token, - is standard input (default: PCC_ENROLMENT_TOKEN, else it is asked for). Never an
                      argument: every user of the machine can read those
  --machine-id ID     who this machine is (default: as pcc's settings say, else /etc/machine-id, else the host name)
  --key-file PATH     where the key goes (default: /etc/perfcollector/key)
  --config PATH       pcc's configuration file (default: as pcc finds it, else /etc/perfcollector/config.yaml)
  --user NAME         whose the key file becomes, as root (default: perfcollector where there is such a user)
  --mode MODE         trickle or local (default: trickle); local leaves sending to pcctl upload
  --force             replaces a key file that is there
  --json              prints JSON

Exit codes: 64 usage, 66 no token, 69 the portal does not answer, 74 cannot write, 77 the token is refused or permission, 78 configuration.
`;

const usualKeyFile = "/etc/perfcollector/key";

interface Enrolled {
  tenantName: string;
  machineId: string;
  isNew: boolean;
  keyId: string;
  key: string;
}

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("enroll", argv, {
    portal: { type: "string" },
    "token-file": { type: "string" },
    "machine-id": { type: "string" },
    "key-file": { type: "string" },
    config: { type: "string" },
    user: { type: "string" },
    mode: { type: "string" },
    force: { type: "boolean" },
    json: { type: "boolean" },
  });
  refusePositionals("enroll", positionals);
  const portal = parsePortal(values.portal);
  const mode = values.mode ?? "trickle";
  if (mode !== "trickle" && mode !== "local") {
    throw usage("enroll", `Cannot use --mode "${mode}": it is neither trickle nor local`);
  }
  // pcc reads it from wherever it is started.
  const keyFile = resolve(values["key-file"] ?? usualKeyFile);
  const config =
    values.config ?? pccProgram.files.find((file) => existsSync(file)) ?? usualConfig();
  if (existsSync(keyFile) && values.force !== true) {
    throw usage("enroll", `Cannot write ${keyFile}: there is a key already; --force replaces it`);
  }
  const owner = findOwner(values.user);
  const machineId = values["machine-id"];
  if (machineId !== undefined && !isMachineId(machineId)) {
    throw usage(
      "enroll",
      `Cannot use --machine-id "${machineId}": it is not 1–64 letters, digits, _ or -`,
    );
  }
  // Everything that can go wrong here goes wrong before the token is used, which may work once only.
  const settings = await editSettings(config, {
    portal: portal.href,
    api_key_file: keyFile,
    mode,
    ...(machineId === undefined ? {} : { machine_id: machineId }),
  });
  const id = readHost({ procfs: "/proc", machineId: machineId ?? settings.machineId }).machineId;
  const keyDraft = new Draft(keyFile, { mode: 0o600, owner });
  try {
    const configDraft = new Draft(config, { mode: 0o644, owner: null });
    try {
      warnUnencrypted(portal, terminal);
      const token = await readToken(values["token-file"], terminal);
      const enrolled = await enrol(portal, { token, machineId: id, signal: terminal.signal });
      keyDraft.commit(`${enrolled.key}\n`);
      configDraft.commit(settings.text);
      tell(enrolled, { portal, keyFile, config, mode, json: values.json === true, terminal });
      return exitCodes.ok;
    } finally {
      configDraft.discard();
    }
  } finally {
    keyDraft.discard();
  }
}

function usualConfig(): string {
  return pccProgram.files[0] ?? "config.yaml";
}

function parsePortal(text: string | undefined): URL {
  if (text === undefined) throw usage("enroll", "Give the portal's address with --portal");
  try {
    return serverUrl("").parse(text);
  } catch (cause) {
    if (!(cause instanceof ValueError)) throw cause;
    throw usage("enroll", `Cannot use --portal "${text}": it is not ${cause.message}`, cause);
  }
}

async function readToken(file: string | undefined, terminal: Terminal): Promise<string> {
  const token =
    file === undefined
      ? (readEnrolmentToken() ?? (await askToken(terminal)))
      : readSecretFile(file);
  if (isEnrolmentToken(token)) return token;
  throw new ExitError(
    exitCodes.permission,
    "Cannot enrol: this is no enrolment token, or it is mistyped; one begins with pa_enrol_",
  );
}

/** On a terminal, without showing what is typed. */
async function askToken(terminal: Terminal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new ExitError(
      exitCodes.noInput,
      "Cannot enrol: there is no token; give --token-file, or set PCC_ENROLMENT_TOKEN",
    );
  }
  terminal.progress?.("Enrolment token (not shown): ");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const dialogue = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise((answer, reject) => {
      const end = (): void =>
        reject(new ExitError(exitCodes.noInput, "Cannot enrol: no token was given"));
      dialogue.once("line", (line) => answer(line.trim()));
      dialogue.once("close", end);
      dialogue.once("SIGINT", end);
    });
  } finally {
    dialogue.close();
    terminal.progress?.("\n");
  }
}

async function enrol(
  portal: URL,
  { token, machineId, signal }: { token: string; machineId: string; signal: AbortSignal },
): Promise<Enrolled> {
  const url = toApiUrl(portal, "api/v1/enrol");
  const interfaceSpeeds = await readInterfaceSpeeds({ rootfs: "/", filter: {} });
  const host = readHostFacts({ procfs: "/proc", rootfs: "/", interfaceSpeeds, now: new Date() });
  const answer = await sendRequest(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: toJsonBody({ machine_id: machineId, host }),
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    const why = whyUnreachable(cause);
    throw new ExitError(exitCodes.unavailable, `Cannot reach the portal at ${url.origin}: ${why}`, {
      cause,
    });
  });
  const { key, key_id: keyId, tenant_name: tenantName, is_new: isNew } = answer.json;
  if (answer.status === 201 && typeof key === "string") {
    return {
      tenantName: toPlainText(tenantName),
      machineId,
      isNew: isNew === true,
      keyId: toPlainText(keyId),
      key,
    };
  }
  const isRefused = answer.status === 401 || answer.status === 403;
  throw new ExitError(
    isRefused ? exitCodes.permission : exitCodes.unavailable,
    `Cannot enrol at ${url.origin}: ${describeAnswer(answer)}`,
  );
}

interface Owner {
  uid: number;
  gid: number;
}

/** null: whose it is now. */
function findOwner(name: string | undefined): Owner | null {
  if (process.geteuid?.() !== 0) return null;
  const wanted = name ?? "perfcollector";
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([user]) => user === wanted);
  if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  if (name === undefined) return null;
  throw usage("enroll", `Cannot use --user "${name}": there is no such user`);
}

/** A file that will be, beside its place: whether it can be written is known before there is anything to write. */
class Draft {
  private readonly path: string;
  private readonly draftPath: string;
  private readonly descriptor: number;
  private isOpen = true;

  /** Without an owner, those are kept that the file has already, and its mode. */
  constructor(path: string, { mode, owner }: { mode: number; owner: Owner | null }) {
    this.path = path;
    this.draftPath = join(dirname(path), `.${randomUUID()}.partial`);
    try {
      makeFolder(dirname(path), { mode: 0o755 });
      const before = statSync(path, { throwIfNoEntry: false });
      this.descriptor = openSync(this.draftPath, "wx", mode);
      if (owner === null) takePlaceOf(before, this.descriptor, { mode });
      else fchownSync(this.descriptor, owner.uid, owner.gid);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? cause.code : null;
      throw new ExitError(
        code === "EACCES" || code === "EPERM" ? exitCodes.permission : exitCodes.cannotWrite,
        `Cannot write ${path}: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  commit(text: string): void {
    writeSync(this.descriptor, text);
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    this.isOpen = false;
    renameSync(this.draftPath, this.path);
  }

  /** Does nothing behind `commit`. */
  discard(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    closeSync(this.descriptor);
    rmSync(this.draftPath, { force: true });
  }
}

function tell(
  { tenantName, machineId, isNew, keyId }: Enrolled,
  {
    portal,
    keyFile,
    config,
    mode,
    json,
    terminal,
  }: {
    portal: URL;
    keyFile: string;
    config: string;
    mode: string;
    json: boolean;
    terminal: Terminal;
  },
): void {
  if (json) {
    terminal.printJson({
      portal: portal.href,
      tenant_name: tenantName,
      machine_id: machineId,
      is_new: isNew,
      key_id: keyId,
      api_key_file: keyFile,
      config,
      mode,
    });
    return;
  }
  const { style } = terminal;
  const again = isNew ? "" : ", which was there before";
  terminal.print(`${style.green("enrolled")}  machine ${machineId} of ${tenantName}${again}`);
  terminal.print(
    `  key ${keyFile} (id ${keyId})\n  settings ${config}: portal, api_key_file, mode ${mode}`,
  );
  const next = pccProgram.files.includes(config)
    ? "systemctl restart perfcollector, and pcctl doctor"
    : `pcc --config ${config}, and pcctl doctor --config ${config}`;
  terminal.print(style.dim(`  → ${next}`));
}
