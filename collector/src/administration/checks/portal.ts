// The way to the portal, step by step, so that the first one that does not work has a name.
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { isToken } from "@perfanalysis/contract/token";
import { exitCodes } from "../../exit.ts";
import { isLoopback } from "../../loopback.ts";
import { messageOf } from "../../message-of.ts";
import { sendRequest, toApiUrl, type HttpAnswer } from "../../upload/request.ts";
import { formatDuration } from "../text.ts";
import { failure, ok, warning, type Finding } from "./finding.ts";

export interface PortalOptions {
  portal: URL;
  /** null: the key could not be read, and another check has said so. */
  apiKey: string | null;
  machineId: string;
  now: () => number;
  signal: AbortSignal;
}

const stepMs = 10_000;
/** Samples of a clock that is further away are put into the wrong hours. */
const badClockS = 300;
const fairClockS = 5;
const soonDays = 14;
const dayMs = 86_400_000;

export async function checkPortal(options: PortalOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const step of [checkAddress, checkConnection, checkEncryption]) {
    const finding = await step(options);
    if (finding === null) continue;
    findings.push(finding);
    if (finding.result === "failure") return findings;
  }
  const { finding, answer } = await checkHttp(options);
  findings.push(finding);
  if (answer === null) return findings;
  findings.push(checkOffset(answer));
  if (finding.result !== "failure" && options.apiKey !== null) {
    findings.push(await checkKey(options, options.apiKey));
  }
  return findings;
}

async function checkAddress({ portal }: PortalOptions): Promise<Finding | null> {
  const host = hostOf(portal);
  if (isIP(host) !== 0) return null;
  try {
    const found = await lookup(host, { all: true });
    return ok("portal name", `${host} is ${found.map(({ address }) => address).join(", ")}`);
  } catch (error) {
    return failure(
      "portal name",
      `${host} has no address: ${messageOf(error)}`,
      "Look at the setting portal, /etc/resolv.conf and the name server.",
    );
  }
}

async function checkConnection({ portal }: PortalOptions): Promise<Finding> {
  const port = portOf(portal);
  try {
    const socket = await opened(connect(port, hostOf(portal)), "connect");
    const told = `${hostOf(portal)} port ${port} takes connections (from ${socket.localAddress ?? "?"})`;
    socket.destroy();
    return ok("portal connection", told);
  } catch (error) {
    return failure(
      "portal connection",
      `${hostOf(portal)} port ${port}: ${messageOf(error)}`,
      "Is the portal running there? Does a firewall stand between? pcc uses no proxy.",
    );
  }
}

async function checkEncryption({ portal, now }: PortalOptions): Promise<Finding | null> {
  const host = hostOf(portal);
  if (portal.protocol === "http:") {
    if (isLoopback(host)) return null;
    return warning("portal TLS", "none: key and samples can be read on their way", "Use https.");
  }
  try {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host, port: portOf(portal), ...name });
    await opened(socket, "secureConnect");
    const { valid_to: validTo } = socket.getPeerCertificate();
    const protocol = socket.getProtocol() ?? "TLS";
    socket.destroy();
    const left = Date.parse(validTo) - now();
    const told = `${protocol}, certificate valid for ${formatDuration(left / 1000)} more`;
    if (left >= soonDays * dayMs) return ok("portal TLS", told);
    return warning("portal TLS", told, "Renew the portal's certificate.");
  } catch (error) {
    return failure(
      "portal TLS",
      messageOf(error),
      "Let the portal have a certificate that this machine trusts; NODE_EXTRA_CA_CERTS names further authorities. A wrong clock makes certificates invalid, too.",
    );
  }
}

async function checkHttp(
  options: PortalOptions,
): Promise<{ finding: Finding; answer: TimedAnswer | null }> {
  const { portal, now, signal } = options;
  const startMs = now();
  try {
    const answer = await sendRequest(toApiUrl(portal, "livez"), { signal });
    const timed = { ...answer, startMs, endMs: now() };
    if (answer.status === 200) {
      const finding = ok("portal HTTP", `answers in ${timed.endMs - startMs} ms`);
      return { finding, answer: timed };
    }
    const finding = failure(
      "portal HTTP",
      `${toApiUrl(portal, "livez").href} answers ${answer.status}: ${answer.detail}`,
      "Is this a portal's or a pcd's address? A proxy before it may answer in its place.",
    );
    return { finding, answer: timed };
  } catch (error) {
    const advice = "Is this a portal's or a pcd's address?";
    return { finding: failure("portal HTTP", messageOf(error), advice), answer: null };
  }
}

interface TimedAnswer extends HttpAnswer {
  startMs: number;
  endMs: number;
}

/** The Date header has whole seconds: half of one is in the middle. */
function checkOffset({ date, startMs, endMs }: TimedAnswer): Finding {
  const serverMs = Date.parse(date ?? "") + 500;
  if (Number.isNaN(serverMs)) {
    return warning("clock offset", "the portal does not tell its time", "Nothing: it is unusual.");
  }
  const offsetS = ((startMs + endMs) / 2 - serverMs) / 1000;
  const size = Math.abs(offsetS);
  if (size < fairClockS) return ok("clock offset", `the portal's clock says the same`);
  const told = `this clock is ${formatDuration(size)} ${offsetS > 0 ? "ahead of" : "behind"} the portal's`;
  const advice = "Let NTP set both clocks (timedatectl set-ntp true).";
  return size < badClockS
    ? warning("clock offset", told, advice)
    : failure("clock offset", told, advice, exitCodes.config);
}

async function checkKey(options: PortalOptions, apiKey: string): Promise<Finding> {
  const advice = "Enrol this host anew (pcctl enroll), or put another key into the key's file.";
  if (!isToken(apiKey)) {
    return failure("key", "it is mistyped: its check digits are wrong", advice, exitCodes.config);
  }
  const { portal, signal } = options;
  const headers = { authorization: `Bearer ${apiKey}` };
  try {
    const answer = await sendRequest(toApiUrl(portal, "api/v1/auth/validate"), { headers, signal });
    if (answer.status === 200) return describeKey(answer, options);
    if (answer.status !== 404) return refusedKey(answer, advice);
    // A pcd has keys of its own, and tells so in its own way.
    const ping = await sendRequest(toApiUrl(portal, "v1/ping"), { headers, signal });
    if (ping.status === 200) return ok("key", "the gateway knows it");
    return refusedKey(ping, advice);
  } catch (error) {
    return failure("key", messageOf(error), "Try again.");
  }
}

function refusedKey({ status, detail }: HttpAnswer, advice: string): Finding {
  return failure("key", `refused: HTTP ${status}: ${detail}`, advice, exitCodes.permission);
}

function describeKey({ json }: HttpAnswer, { machineId, now }: PortalOptions): Finding {
  const { key_name: name, tenant_name: tenant, scopes, expires_at: expires } = json;
  const told = `"${String(name)}" of ${String(tenant)}`;
  if (!Array.isArray(scopes) || !scopes.includes("ingest")) {
    return failure(
      "key",
      `${told} may not send samples: its scopes are ${String(scopes)}`,
      "Take a key of scope ingest.",
      exitCodes.permission,
    );
  }
  const bound = json["machine_id"];
  if (typeof bound === "string" && bound !== machineId) {
    return failure(
      "key",
      `${told} is of machine "${bound}", this is "${machineId}"`,
      "Enrol this host (pcctl enroll), or set machine_id.",
      exitCodes.permission,
    );
  }
  if (typeof expires !== "string") return ok("key", told);
  const left = Date.parse(expires) - now();
  const until = `${told}, valid for ${formatDuration(left / 1000)} more`;
  if (left >= soonDays * dayMs) return ok("key", until);
  return warning("key", until, "Rotate it in the portal, or enrol this host anew.");
}

/** Without the brackets that an IPv6 address has in a URL. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

async function opened<S extends Socket>(socket: S, event: "connect" | "secureConnect"): Promise<S> {
  return await new Promise((resolve, reject) => {
    socket.setTimeout(stepMs, () => {
      socket.destroy(new Error(`no answer within ${stepMs / 1000} s`));
    });
    socket.once("error", reject);
    socket.once(event, () => resolve(socket));
  });
}
