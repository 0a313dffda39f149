import { readFileSync } from "node:fs";

const pageSizeKey = 6n;

/** In bytes, as the kernel told this process at its start (getauxval(3), AT_PAGESZ): 4096, or 65536 on some of arm64. */
export function readPageSize(): number {
  const vector = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === pageSizeKey) return Number(vector.readBigUInt64LE(at + 8));
  }
  return Number.NaN;
}
