// How large a page of memory is. No capture says so, and /proc/vmstat counts what is swapped in pages; but /proc/meminfo tells
// whole pages: what every value of free memory is a multiple of. https://docs.kernel.org/arch/arm64/memory.html has the sizes.
import type { Dataset } from "../../statistics/dataset.ts";

/** Bytes; of arm64 and ppc64 all three, of x86-64 the smallest alone. */
const sizes = [65_536, 16_384, 4096] as const;
/** Values that differ from the one before: by chance, so many are multiples of four pages once in 4²⁰ times. */
const leastChanges = 20;
/** Multiples of this alone are rounded: whoever wrote them told mebibytes. */
const roundedBytes = 2 ** 20;

/** Bytes of a page; null where free memory does not tell. */
export function pageBytesOf(dataset: Dataset): number | null {
  const free = dataset.measure("mem_free")?.values ?? new Float64Array();
  let changes = 0;
  let isRounded = true;
  let possible: readonly number[] = sizes;
  let before = NaN;
  for (const value of free) {
    if (Number.isNaN(value)) continue;
    if (value !== before) changes++;
    before = value;
    isRounded &&= value % roundedBytes === 0;
    if (value % (possible[0] ?? NaN) !== 0)
      possible = possible.filter((size) => value % size === 0);
    if (possible.length === 0) return null;
  }
  return isRounded || changes < leastChanges ? null : (possible[0] ?? null);
}
