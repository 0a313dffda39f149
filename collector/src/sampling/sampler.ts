import { join } from "node:path";
import { isDeviceName } from "@perfanalysis/contract/columns";
import { messageOf } from "../message-of.ts";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import {
  listDevices,
  selectDevices,
  selectNames,
  type DeviceFilter,
  type DeviceFilters,
} from "./devices.ts";
import { createFileParsers, type FileParser } from "./file-parsers.ts";
import { KernelFileHandle, readKeptBelow } from "./kernel-file.ts";
import {
  clearSource,
  createLayout,
  moveValues,
  noDevices,
  sameDevices,
  sources,
  type Devices,
  offsetOf,
  type Layout,
  type Sample,
  type Source,
  type SourceName,
} from "./layout.ts";
import type { Probe, StatusChange } from "./probe.ts";
import { fillValues, kernelFiles, listKernelFiles, type KernelFile } from "./readings.ts";

interface SampledFile {
  name: KernelFile;
  handle: KernelFileHandle;
  error: string | null;
  /** A file that this kernel does not have is looked for again only then. */
  retryUs: number;
}

interface SampledProbe {
  probe: Probe;
  source: Source;
  /** Its devices as they were listed last. */
  devices: readonly string[] | null;
  error: string | null;
}

const retryAbsentUs = 60e6;
const initialBytes = 64 * 1024;

/** Reads samples of one machine. What a sample does not have is NaN; a source that fails leaves the others alone. */
export class Sampler {
  private readonly filters: Pick<DeviceFilters, "disk" | "interface">;
  private readonly files: SampledFile[];
  private readonly probes: SampledProbe[];
  private readonly text = new ByteText(initialBytes);
  /** All that the kernel lists, also what the filters leave out. */
  private listed: Devices = noDevices;
  private parsers = new Map<KernelFile, FileParser>();
  /** Texts that the parsers know the lines of. */
  private readonly knownTexts = new Map<KernelFile, string>();
  /** Replaced when a device comes or goes. */
  layout: Layout = createLayout(noDevices);
  /** The last sample; its values are overwritten by the next, or replaced with the layout. */
  readonly sample: Sample = {
    timeMs: 0,
    monotonicUs: 0,
    values: new Float64Array(this.layout.size).fill(Number.NaN),
  };

  constructor({
    procfs,
    filters,
    sources: sourceFilter = {},
    process = "",
    probes = [],
  }: {
    procfs: string;
    /** Which sources are sampled: kernel files by their path under /proc, probes by their source's name. */
    sources?: DeviceFilter;
    /** Of whose network /proc tells: this process's, or in a container that of the machine's first one, `1`. */
    process?: "" | "1";
    /** For what /proc lists; probes filter by themselves. */
    filters: Pick<DeviceFilters, "disk" | "interface">;
    /** Closed with the sampler. */
    probes?: readonly Probe[];
  }) {
    this.filters = filters;
    const isWanted = (name: string): boolean => selectNames([name], sourceFilter).length > 0;
    const keptBelow = readKeptBelow();
    this.files = listKernelFiles()
      .filter(isWanted)
      .map((name) => ({
        name,
        handle: new KernelFileHandle(
          join(procfs, name.startsWith("net/") ? process : "", name),
          keptBelow,
        ),
        error: null,
        retryUs: 0,
      }));
    for (const probe of probes) if (!isWanted(probe.source)) probe.close();
    this.probes = probes
      .filter(({ source }) => isWanted(source))
      .map((probe) => ({
        probe,
        source: findSource(probe.source),
        devices: null,
        error: null,
      }));
  }

  /** Takes the sample and answers what changed its status by it. */
  read(timeMs: number, monotonicUs: number): StatusChange[] {
    this.sample.timeMs = timeMs;
    this.sample.monotonicUs = monotonicUs;
    const changes: StatusChange[] = [];
    for (const file of this.files) {
      if (monotonicUs < file.retryUs) continue;
      const { error: before } = file;
      file.error = this.readFile(file, monotonicUs);
      noteChange(changes, file.name, before, file.error);
    }
    for (const sampled of this.probes) {
      const { error: before } = sampled;
      sampled.error = this.readProbe(sampled, monotonicUs, changes);
      noteChange(changes, sampled.source.name, before, sampled.error);
    }
    return changes;
  }

  /** Whether any file could be read. */
  get hasSources(): boolean {
    return this.files.some(({ error }) => error === null);
  }

  close(): void {
    for (const { handle } of this.files) handle.close();
    for (const { probe } of this.probes) probe.close();
  }

  private readFile(file: SampledFile, monotonicUs: number): string | null {
    try {
      file.handle.read(this.text);
      file.retryUs = 0;
      const parse = this.parsers.get(file.name);
      if (parse === undefined || !parse(this.text, this.sample.values)) this.readPlainly(file.name);
      return null;
    } catch (error) {
      // What stands under this name may be another file by now.
      file.handle.close();
      for (const source of sources) {
        if (kernelFileOf(source.name) === file.name) {
          clearSource(this.sample.values, this.layout, source);
        }
      }
      if (isAbsent(error)) file.retryUs = monotonicUs + retryAbsentUs;
      return messageOf(error);
    }
  }

  /** For the first text, and one with a device more or less or of another format. */
  private readPlainly(name: KernelFile): void {
    const text = this.text.toString();
    const readings = kernelFiles[name](text);
    this.knownTexts.set(name, text);
    this.setDevices(listDevices(readings, this.listed));
    this.parsers = createFileParsers(this.layout, this.knownTexts);
    for (const reading of readings) fillValues(this.sample.values, this.layout, reading);
  }

  private readProbe(
    sampled: SampledProbe,
    monotonicUs: number,
    changes: StatusChange[],
  ): string | null {
    const { probe, source } = sampled;
    try {
      const devices = probe.update(monotonicUs, changes);
      if (source.per !== null && devices !== null && devices !== sampled.devices) {
        const unnameable = devices.find((name) => !isDeviceName(name));
        if (unnameable !== undefined) {
          throw new RangeError(`Cannot sample "${unnameable}": no column can have such a name`);
        }
        sampled.devices = devices;
        const before = this.layout;
        this.setDevices({ ...this.listed, [source.per]: devices });
        if (this.layout !== before) {
          this.parsers = createFileParsers(this.layout, this.knownTexts);
        }
      }
      probe.fill(this.sample.values, offsetOf(this.layout, probe.source));
      return null;
    } catch (error) {
      clearSource(this.sample.values, this.layout, source);
      return messageOf(error);
    }
  }

  private setDevices(listed: Devices): void {
    this.listed = listed;
    const devices = selectDevices(listed, this.filters);
    if (sameDevices(devices, this.layout.devices)) return;
    const layout = createLayout(devices);
    this.sample.values = moveValues(this.sample.values, this.layout, layout);
    this.layout = layout;
  }
}

/** Only that it fails is a change: what is wrong may read differently each time. */
function noteChange(
  changes: StatusChange[],
  source: string,
  before: string | null,
  error: string | null,
): void {
  if ((error === null) !== (before === null)) changes.push({ source, error });
}

function findSource(name: SourceName): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) throw new RangeError(`Cannot find source "${name}"`);
  return source;
}

function kernelFileOf(source: string): string {
  return source === "cpu" ? "stat" : source;
}

/** The kernel has no such file, or was started without what fills it. */
function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "EOPNOTSUPP";
}
