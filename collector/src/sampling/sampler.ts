import { join } from "node:path";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { listDevices, selectDevices, type DeviceFilters } from "./devices.ts";
import { createFileParsers, type FileParser } from "./file-parsers.ts";
import { KernelFileHandle } from "./kernel-file.ts";
import {
  clearSource,
  createLayout,
  moveValues,
  sameDevices,
  sources,
  type Devices,
  type Layout,
  type Sample,
} from "./layout.ts";
import { fillValues, kernelFiles, listKernelFiles, type KernelFile } from "./readings.ts";

/** A file of /proc that began to fail, or works again. */
export interface StatusChange {
  source: KernelFile;
  /** null: it works again. */
  error: string | null;
}

interface SampledFile {
  name: KernelFile;
  handle: KernelFileHandle;
  error: string | null;
  /** A file that this kernel does not have is looked for again only then. */
  retryUs: number;
}

const retryAbsentUs = 60e6;
const initialBytes = 64 * 1024;
const noDevices: Devices = { cpu: [], disk: [], interface: [] };

/** Reads samples of one machine. What a sample does not have is NaN; a source that fails leaves the others alone. */
export class Sampler {
  private readonly filters: DeviceFilters;
  private readonly files: SampledFile[];
  private readonly text = new ByteText(initialBytes);
  /** All that the kernel lists, also what the filters leave out. */
  private listed: Devices = noDevices;
  private parsers = new Map<KernelFile, FileParser>();
  /** Texts that the parsers of disks and interfaces know the lines of. */
  private readonly deviceTexts = new Map<KernelFile, string>();
  /** Replaced when a device comes or goes. */
  layout: Layout = createLayout(noDevices);
  /** The last sample; its values are overwritten by the next, or replaced with the layout. */
  readonly sample: Sample = {
    timeMs: 0,
    monotonicUs: 0,
    values: new Float64Array(this.layout.size).fill(Number.NaN),
  };

  constructor({ procfs, filters }: { procfs: string; filters: DeviceFilters }) {
    this.filters = filters;
    this.files = listKernelFiles().map((name) => ({
      name,
      handle: new KernelFileHandle(join(procfs, name)),
      error: null,
      retryUs: 0,
    }));
  }

  /** Takes the sample and answers which files changed their status by it. */
  read(timeMs: number, monotonicUs: number): StatusChange[] {
    this.sample.timeMs = timeMs;
    this.sample.monotonicUs = monotonicUs;
    const changes: StatusChange[] = [];
    for (const file of this.files) {
      if (monotonicUs < file.retryUs) continue;
      const error = this.readFile(file, monotonicUs);
      // Only that it fails is a change: what is wrong may read differently each time.
      const changed = (error === null) !== (file.error === null);
      file.error = error;
      if (!changed) continue;
      changes.push({ source: file.name, error });
    }
    return changes;
  }

  /** Whether any file could be read. */
  get hasSources(): boolean {
    return this.files.some(({ error }) => error === null);
  }

  close(): void {
    for (const { handle } of this.files) handle.close();
  }

  private readFile(file: SampledFile, monotonicUs: number): string | null {
    try {
      file.handle.read(this.text);
      file.retryUs = 0;
      const parse = this.parsers.get(file.name);
      if (parse === undefined || !parse(this.text, this.sample.values)) this.readPlainly(file.name);
      return null;
    } catch (error) {
      for (const source of sources) {
        if (kernelFileOf(source.name) === file.name) {
          clearSource(this.sample.values, this.layout, source);
        }
      }
      if (isAbsent(error)) file.retryUs = monotonicUs + retryAbsentUs;
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** For the first text, and one with a device more or less or of another format. */
  private readPlainly(name: KernelFile): void {
    const text = this.text.toString();
    const readings = kernelFiles[name](text);
    this.listed = listDevices(readings, this.listed);
    this.deviceTexts.set(name, text);
    const devices = selectDevices(this.listed, this.filters);
    if (!sameDevices(devices, this.layout.devices)) {
      const layout = createLayout(devices);
      this.sample.values = moveValues(this.sample.values, this.layout, layout);
      this.layout = layout;
    }
    this.parsers = createFileParsers(this.layout, this.deviceTexts);
    for (const reading of readings) fillValues(this.sample.values, this.layout, reading);
  }
}

function kernelFileOf(source: string): string {
  return source === "cpu" ? "stat" : source;
}

/** The kernel has no such file, or was started without what fills it. */
function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "EOPNOTSUPP";
}
