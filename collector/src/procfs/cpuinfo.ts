// Format: https://docs.kernel.org/filesystems/proc.html, "cpuinfo"; it differs between architectures.

/** What the machine's processors are; null where this architecture does not tell. */
export interface CpuInfo {
  vendorId: string | null;
  modelName: string | null;
  /** Cores a processor package. */
  coresPerPackage: number | null;
  /** Hardware threads a processor package. */
  siblings: number | null;
  mhz: number | null;
  cacheSize: string | null;
  /** CPUs that run programs. */
  cpuCount: number;
  /** Processor packages. */
  packageCount: number | null;
  bogomips: number | null;
  flags: string | null;
}

/** One heads each processor's block, but on s390x and older kernels of ARM one block lists them all. */
const processorLine = /^processor(?:[ \t]*:| \d+:)/gm;

/** Reads the first processor, and counts all. @throws SyntaxError where there is no processor. */
export function parseCpuinfo(text: string): CpuInfo {
  const blocks = text.split(/\n[ \t]*\n/);
  const block = blocks.find((lines) => lines.search(processorLine) !== -1);
  if (block === undefined) {
    throw new SyntaxError(`Cannot parse /proc/cpuinfo: line 1: there is no line "processor : …"`);
  }
  const first = parseBlock(block);
  const number = (key: string): number | null => {
    const value = first.get(key);
    return value !== undefined && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : null;
  };
  const packages = new Set(blocks.flatMap((lines) => parseBlock(lines).get("physical id") ?? []));
  return {
    vendorId: first.get("vendor_id") ?? null,
    modelName: first.get("model name") ?? null,
    coresPerPackage: number("cpu cores"),
    siblings: number("siblings"),
    mhz: number("cpu MHz"),
    cacheSize: first.get("cache size") ?? null,
    cpuCount: text.match(processorLine)?.length ?? 0,
    packageCount: packages.size > 0 ? packages.size : null,
    bogomips: number("bogomips"),
    flags: first.get("flags") ?? null,
  };
}

function parseBlock(text: string): Map<string, string> {
  const block = new Map<string, string>();
  for (const line of text.split("\n")) {
    const at = line.indexOf(":");
    if (at !== -1) block.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return block;
}
