// What is used of Bun's own module; Node has none of it.
declare module "bun:ffi" {
  interface Library {
    symbols: { madvise(address: bigint, length: bigint, advice: number): number };
    close(): void;
  }
  export function dlopen(
    name: string,
    symbols: Record<"madvise", { args: readonly string[]; returns: string }>,
  ): Library;
}

declare module "bun:jsc" {
  /** Collects all garbage, and waits for it. */
  export function fullGC(): number;
}
