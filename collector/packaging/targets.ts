/** What is packaged. x64 runs on every 64-bit PC since 2008: the build for newer CPUs only was no faster (see the decision's page). */
export interface Target {
  name: string;
  /** npm's words. */
  cpu: "x64" | "arm64";
  libc: "glibc" | "musl";
  /** Bun's package of the registry, and what its compiler calls the target. */
  runtime: string;
  bunTarget: string;
  /** null: no Debian has it. */
  debianArchitecture: "amd64" | "arm64" | null;
}

export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    cpu: "x64",
    libc: "glibc",
    runtime: "@oven/bun-linux-x64-baseline",
    bunTarget: "bun-linux-x64-baseline",
    debianArchitecture: "amd64",
  },
  {
    name: "linux-arm64",
    cpu: "arm64",
    libc: "glibc",
    runtime: "@oven/bun-linux-aarch64",
    bunTarget: "bun-linux-arm64",
    debianArchitecture: "arm64",
  },
  {
    name: "linux-x64-musl",
    cpu: "x64",
    libc: "musl",
    runtime: "@oven/bun-linux-x64-musl-baseline",
    bunTarget: "bun-linux-x64-musl-baseline",
    debianArchitecture: null,
  },
  {
    name: "linux-arm64-musl",
    cpu: "arm64",
    libc: "musl",
    runtime: "@oven/bun-linux-aarch64-musl",
    bunTarget: "bun-linux-arm64-musl",
    debianArchitecture: null,
  },
];

/** The target that this machine can run; null where there is none. */
export function findHostTarget(): Target | null {
  // The report tells the C library that Node itself uses; musl's is not in it.
  const header = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } })
    .header;
  const libc = header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
  return targets.find(({ cpu, libc: own }) => cpu === process.arch && own === libc) ?? null;
}
