// Composes what is sampled.
import { join } from "node:path";
import { createContainerProbe, type ContainerProbe } from "./cgroup/container-probe.ts";
import { ExitError, exitCodes } from "./exit.ts";
import type { Clock } from "./sampling/clock.ts";
import type { DeviceFilter, DeviceFilters } from "./sampling/devices.ts";
import { createMountProbe } from "./sampling/mount-probe.ts";
import type { StatusChange } from "./sampling/probe.ts";
import { Sampler } from "./sampling/sampler.ts";
import { createSelfProbe, type SelfCounts } from "./sampling/self-probe.ts";
import type { Settings } from "./settings.ts";

/** A sampler that has been read once: the devices stand in a capture's first line, and so have to be known before the first sample. */
export function openSampler(
  { settings, clock }: { settings: Settings; clock: Clock },
  counts: SelfCounts,
): {
  sampler: Sampler;
  containers: ContainerProbe;
  statuses: StatusChange[];
} {
  const { procfs, rootfs } = settings;
  const filter = toFilter(settings.include_mount, settings.exclude_mount);
  const mounts = createMountProbe({ procfs, rootfs, filter });
  const containers = openContainers(settings);
  const sampler = new Sampler({
    procfs,
    filters: toFilters(settings),
    sources: toFilter(settings.include_source, settings.exclude_source),
    process: rootfs === "/" ? "" : "1",
    probes: [mounts, containers, createSelfProbe(counts)],
  });
  const statuses = sampler.read(clock.wallMs(), clock.monotonicUs());
  if (sampler.hasSources) return { sampler, containers, statuses };
  sampler.close();
  throw new ExitError(
    exitCodes.noInput,
    `Cannot sample ${procfs}: ${statuses[0]?.error ?? "the settings include_source and exclude_source leave no source"}`,
  );
}

function openContainers(settings: Settings): ContainerProbe {
  const { cgroups, rootfs, max_containers: maxContainers } = settings;
  const sysfs = join(rootfs, "sys");
  return createContainerProbe({
    cgroups: cgroups ?? join(sysfs, "fs/cgroup"),
    sysfs,
    filter: toFilter(settings.include_container, settings.exclude_container),
    maxContainers,
  });
}

export function toFilters(settings: Settings): Required<Pick<DeviceFilters, "disk" | "interface">> {
  return {
    disk: toFilter(settings.include_disk, settings.exclude_disk),
    interface: toFilter(settings.include_interface, settings.exclude_interface),
  };
}

function toFilter(include: RegExp | null, exclude: RegExp | null): DeviceFilter {
  return { include: include ?? undefined, exclude: exclude ?? undefined };
}
