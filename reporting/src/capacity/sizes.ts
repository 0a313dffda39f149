// Sizes in which machines are sold: the powers of two, and from 32 on what AWS, Azure, Google and Oracle have between them.

const cpuSizes = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const memorySizes = [
  0.5, 1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
];
const gibibyte = 2 ** 30;
/** Firmware and kernel take a few percent of what was bought: down to this share, a machine counts as of the next size. */
const usableShare = 0.9;

/** The smallest number of CPUs on sale that is not below `needed`, or as many as that where there is none. */
export function roundUpCpus(needed: number): number {
  return cpuSizes.find((size) => size >= needed) ?? Math.ceil(needed);
}

/** The memory that was bought, in GiB, by what the kernel has of it: 15.6 GiB are a machine of 16. */
export function boughtGibibytes(totalBytes: number): number {
  const total = totalBytes / gibibyte;
  const size = memorySizes.find((candidate) => candidate >= total);
  return size !== undefined && total >= usableShare * size ? size : Math.round(total * 10) / 10;
}

/** The smallest size on sale, in GiB, of which programs and kernel can use `neededBytes`, by the share that this machine's kernel has. */
export function roundUpGibibytes(neededBytes: number, totalBytes: number): number {
  const usable = Math.min(1, totalBytes / gibibyte / boughtGibibytes(totalBytes));
  const needed = neededBytes / gibibyte / usable;
  return memorySizes.find((size) => size >= needed) ?? Math.ceil(needed);
}

/** "16 GiB": a size as it is sold, without digits that it does not have. */
export function formatGibibytes(size: number): string {
  return `${size}\u{a0}GiB`;
}
