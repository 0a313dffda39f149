// What the kernel and the clock of this machine give.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isCsvTime } from "@perfanalysis/contract/csv/times";
import { exitCodes } from "../../exit.ts";
import { createContainerProbe } from "../../cgroup/container-probe.ts";
import type { DeviceFilter } from "../../sampling/devices.ts";
import { readHost } from "../../sampling/host.ts";
import type { StatusChange } from "../../sampling/probe.ts";
import { Sampler } from "../../sampling/sampler.ts";
import { countOf } from "../../count-of.ts";
import { groupFailures, type FailureGroup } from "../../failed-sources.ts";
import { failure, ok, warning, type Finding } from "./finding.ts";

export interface HostOptions {
  procfs: string;
  rootfs: string;
  /** As the setting says. */
  machineId: string | null;
  /** null: as they usually are. */
  cgroups: string | null;
  /** Which sources pcc samples. */
  sources: DeviceFilter;
  /** What a pcc that runs cannot read; null: none runs, or it cannot be asked. */
  running: readonly StatusChange[] | null;
  wallMs: number;
  monotonicUs: number;
}

export function checkHost(options: HostOptions): Finding[] {
  return [
    checkMachine(options),
    ...checkSources(options),
    checkClock(options.wallMs),
    checkProcesses(options.procfs),
  ];
}

function checkMachine({ procfs, rootfs, machineId }: HostOptions): Finding {
  const host = readHost({ procfs, rootfs, machineId });
  return ok("machine", `${host.machineId}, host ${host.name}`);
}

function checkSources(options: HostOptions): Finding[] {
  const { procfs, wallMs, monotonicUs } = options;
  const sampler = openSampler(options);
  try {
    const own = sampler.read(wallMs, monotonicUs).filter(({ error }) => error !== null);
    // A pcc that runs knows what it sees itself: it may have another user, and a unit that hides things from it.
    const failed = options.running ?? own;
    if (!sampler.hasSources) {
      return [
        failure(
          "kernel",
          `nothing of ${procfs} can be read`,
          "Name the machine's /proc with the setting procfs.",
          exitCodes.noInput,
        ),
      ];
    }
    const isPressure = ({ source }: StatusChange): boolean => source.startsWith("pressure/");
    const pressure = failed.filter(isPressure);
    const { cpu, disk, interface: interfaces } = sampler.layout.devices;
    const devices = [
      countOf(cpu.filter((name) => name !== "cpu").length, "CPU"),
      countOf(disk.length, "disk"),
      countOf(interfaces.length, "interface"),
    ].join(", ");
    return [
      ok("kernel", `${procfs} can be read: ${devices}`),
      ...groupFailures(
        failed
          .filter((change) => !isPressure(change))
          .map(({ source, error }) => [source, error ?? ""]),
      ).map(describeSource),
      pressure.length === 0
        ? ok("pressure", "the kernel tells how long tasks were stalled")
        : warning(
            "pressure",
            `no pressure figures: ${pressure[0]?.error ?? ""}`,
            "They need Linux 4.20; some distributions (RHEL 8 and 9) need psi=1 on the kernel's command line.",
          ),
    ];
  } finally {
    sampler.close();
  }
}

/** Without the file systems: one whose server is gone would keep this process. */
function openSampler({ procfs, rootfs, cgroups, sources }: HostOptions): Sampler {
  const sysfs = join(rootfs, "sys");
  const containers = createContainerProbe({
    cgroups: cgroups ?? join(sysfs, "fs/cgroup"),
    sysfs,
    filter: {},
    maxContainers: 256,
  });
  return new Sampler({ procfs, filters: {}, sources, probes: [containers] });
}

function describeSource({ subject, error }: FailureGroup): Finding {
  if (subject === "containers" && /no tree of cgroups v2/.test(error)) {
    return ok("containers", "none are sampled: this machine has no cgroups v2");
  }
  return warning("source", `${subject}: ${error}`, adviseOn(subject, error));
}

function checkClock(wallMs: number): Finding {
  const now = new Date(wallMs).toISOString();
  if (isCsvTime(wallMs / 1000)) return ok("clock", now);
  return failure(
    "clock",
    `the clock was never set: it says ${now}`,
    "Set it, or let NTP set it: samples of before 2000 give no rows and are not sent.",
    exitCodes.config,
  );
}

function adviseOn(subject: string, error: string): string {
  if (!/EACCES|EPERM/.test(error)) return "Its columns stay empty.";
  return /mounts\b/.test(subject)
    ? "Let pcc's user look into the folders above, or leave them out with exclude_mount."
    : "Let pcc's user read it: it may be hidden by the unit's ProtectProc= or a container.";
}

/** Several pcc on one machine are allowed, each with its own capture, but seldom meant. */
function checkProcesses(procfs: string): Finding {
  const running = listProcesses(procfs);
  if (running.length <= 1) {
    const [pid] = running;
    return ok("pcc", pid === undefined ? "none is running" : `running as process ${pid}`);
  }
  return warning(
    "pcc",
    `${running.length} are running: processes ${running.join(", ")}`,
    "Stop those that are not meant: each measures the same machine.",
  );
}

function listProcesses(procfs: string): number[] {
  const pids = readdirSync(procfs).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
  return pids
    .toSorted((left, right) => left - right)
    .filter((pid) => {
      try {
        const argv = readFileSync(join(procfs, String(pid), "cmdline"), "utf8").split("\0");
        return isPcc(argv);
      } catch {
        // It has ended, or is somebody else's.
        return false;
      }
    });
}

/** `pcc`, `node …/pcc.ts`, `perfcollector pcc`. */
function isPcc([program = "", first = ""]: readonly string[]): boolean {
  const name = basename(program);
  const argument = basename(first);
  return (
    name === "pcc" ||
    (name === "node" && /^pcc(?:\.ts)?$/.test(argument)) ||
    (name === "perfcollector" && argument === "pcc")
  );
}
