// pcd behind a router that it reaches the portal by, in network namespaces of its own: the router loses 30 % of the packets each way, then
// all of them, then lets 1 Mbit/s through. Agents send all the time. Whatever was answered must be in the portal, within 60 s of the
// fault's end, and memory stay bounded.
import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { firstDayS, generateMachineDay } from "./generate.ts";
import {
  binaries,
  makeRow,
  send,
  startPcd,
  startPortal,
  type Portal,
  type SendOptions,
  type Target,
} from "./pcd-agents.ts";

const agents = 16;
const drainedWithinS = 60;
/** With Node; see pcd.ts. */
const residentLimitMb = 250;
const spoolMax = "16M";

/** Of networks' benchmarks: https://www.rfc-editor.org/rfc/rfc2544, appendix C.2.2 */
const addresses = { portal: "198.18.0.1", router: ["198.18.0.2", "198.18.0.5"], pcd: "198.18.0.6" };

const pcdPort = 8473;

interface Fault {
  name: string;
  durationS: number;
  /** Commands in the router. */
  begin: string[];
  end: string[];
  makeBody: SendOptions["makeBody"];
}

const filter = "table ip fault { chain forward { type filter hook forward priority 0;";
const faults: readonly Fault[] = [
  {
    name: "30 % of the packets lost",
    durationS: 60,
    begin: [`nft '${filter} numgen random mod 100 < 30 drop; }; }'`],
    end: ["nft delete table ip fault"],
    makeBody: makeRow,
  },
  {
    name: "all packets to and from the portal lost",
    durationS: 90,
    begin: [`nft '${filter} tcp dport ${pcdPort} accept; tcp sport ${pcdPort} accept; drop; }; }'`],
    end: ["nft delete table ip fault"],
    makeBody: makeRow,
  },
  {
    name: "1 Mbit/s",
    durationS: 120,
    begin: ["tc qdisc add dev up0 root tbf rate 1mbit burst 16kb latency 400ms"],
    end: ["tc qdisc del dev up0 root"],
    makeBody: makeManyRows,
  },
];

export async function run(): Promise<void> {
  if (process.argv[3] === "inside") await runInside();
  else if (!canIsolate()) {
    console.log("pcd-network needs ip, tc, nft and namespaces of a user's own: skipped");
  } else {
    const inside = [
      process.execPath,
      join(import.meta.dirname, "main.ts"),
      "pcd-network",
      "inside",
    ];
    const child = spawn("unshare", [...namespaces, ...inside], { stdio: "inherit" });
    // An exit event has a code or a signal.
    const [code] = (await once(child, "exit")) as [number | null];
    process.exitCode = code ?? 1;
  }
}

const namespaces = ["--user", "--map-root-user", "--net", "--mount"];

function canIsolate(): boolean {
  const tried = "nft list ruleset && tc qdisc show && ip link show";
  return spawnSync("unshare", [...namespaces, "sh", "-c", tried]).status === 0;
}

async function runInside(): Promise<void> {
  layNetwork();
  const folder = mkdtempSync(join(tmpdir(), "bench-pcd-network-"));
  const portal = await startPortal({ host: addresses.portal, cutRatio: 0 });
  const target: Target = { url: null, key: "" };
  let pcd: ChildProcess | null = null;
  try {
    const keys = join(folder, "keys.json");
    const create = ["key", "create", "bench", "--upstream", "portal", "--keys", keys];
    target.key = (await promisify(execFile)(join(binaries, "pcd"), create)).stdout.trim();
    const args = ["--portal", portal.url, "--state", join(folder, "state"), "--keys", keys];
    const listen = ["--listen", `${addresses.pcd}:${pcdPort}`, "--spool-max", spoolMax];
    const prefix = ["ip", "netns", "exec", "pcd"];
    pcd = await startPcd([...args, ...listen], target, prefix);
    for (const [at, fault] of faults.entries())
      await tryFault(fault, { portal, target, pcd, epoch: `e${at}` });
  } finally {
    pcd?.kill("SIGTERM");
    portal.server.close();
    portal.server.closeAllConnections();
    if (pcd !== null && pcd.exitCode === null) await once(pcd, "exit");
    rmSync(folder, { recursive: true });
  }
}

async function tryFault(
  { name, durationS, begin, end, makeBody }: Fault,
  context: { portal: Portal; target: Target; pcd: ChildProcess; epoch: string },
): Promise<void> {
  const { portal, target, pcd, epoch } = context;
  const acknowledged: string[] = [];
  const refused = new Map<number, number>();
  const stop = new AbortController();
  const { signal } = stop;
  const [storedBefore, bytesBefore] = [portal.stored.size, portal.storedBytes];
  for (const command of begin) runInRouter(command);
  const sending = Array.from({ length: agents }, (_, agent) =>
    send(`bench-${agent}`, {
      target,
      acknowledged,
      signal,
      makeBody,
      refused,
      epoch,
      pauseMs: 100,
    }),
  );
  let mostMb = 0;
  for (const endMs = performance.now() + durationS * 1000; performance.now() < endMs;) {
    await setTimeout(200);
    mostMb = Math.max(mostMb, readResidentMb(pcd));
  }
  stop.abort();
  const [stored, bytes] = [portal.stored.size - storedBefore, portal.storedBytes - bytesBefore];
  for (const command of end) runInRouter(command);
  const endedMs = performance.now();
  await Promise.all(sending);
  const countLost = (): number => acknowledged.filter((sent) => !portal.stored.has(sent)).length;
  const elapsedS = (): number => (performance.now() - endedMs) / 1000;
  while (countLost() > 0 && elapsedS() < 2 * drainedWithinS) {
    await setTimeout(100);
    mostMb = Math.max(mostMb, readResidentMb(pcd));
  }
  const drainedS = elapsedS();
  const lost = countLost();
  const others = Array.from(refused, ([status, count]) => `, ${count} × ${status || "no answer"}`);
  console.log(
    `${name}, ${durationS} s: ${acknowledged.length} batches answered${others.join("")}; ${stored} in the portal by then ` +
      `(${(bytes / durationS / 125_000).toFixed(2)} Mbit/s), all after ${drainedS.toFixed(1)} s more; ${lost} lost, ${portal.conflicts} with other ` +
      `content, ${portal.repeated} sent twice; ${mostMb.toFixed(0)} MB resident`,
  );
  const isMet =
    lost === 0 &&
    portal.conflicts === 0 &&
    drainedS <= drainedWithinS &&
    mostMb <= residentLimitMb &&
    acknowledged.length > 0;
  console.log(
    `none lost, all within ${drainedWithinS} s, below ${residentLimitMb} MB: ${isMet ? "met" : "missed"}`,
  );
  if (!isMet) process.exitCode = 1;
}

/** This namespace, in which portal and agents are – the router – pcd's. All of it goes with the last process in it. */
function layNetwork(): void {
  const [nearPortal = "", nearPcd = ""] = addresses.router;
  const commands = [
    // ip keeps its list of namespaces there.
    "mount -t tmpfs none /run",
    "ip netns add router",
    "ip netns add pcd",
    "ip link add portal0 type veth peer name up0 netns router",
    "ip -n router link add down0 type veth peer name pcd0 netns pcd",
    `ip address add ${addresses.portal}/30 dev portal0`,
    `ip -n router address add ${nearPortal}/30 dev up0`,
    `ip -n router address add ${nearPcd}/30 dev down0`,
    `ip -n pcd address add ${addresses.pcd}/30 dev pcd0`,
    "ip link set portal0 up",
    "ip -n router link set up0 up",
    "ip -n router link set down0 up",
    "ip -n pcd link set pcd0 up",
    `ip route add default via ${nearPortal}`,
    `ip -n pcd route add default via ${nearPcd}`,
    "ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'",
  ];
  for (const command of commands) execFileSync("sh", ["-c", command]);
}

function runInRouter(command: string): void {
  execFileSync("ip", ["netns", "exec", "router", "sh", "-c", command]);
}

/** What pcc sends after an outage: a thousand samples at once. */
function makeManyRows(agent: string, sequence: number): Buffer {
  const rows = 1000;
  const day = { machineId: agent, rows, startS: firstDayS + sequence * rows, seed: sequence + 1 };
  return gzipSync([...generateMachineDay(day)].join(""));
}

function readResidentMb({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
