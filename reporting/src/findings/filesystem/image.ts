import type { Dataset } from "../../statistics/dataset.ts";

/** Whether a mount never had a free byte: read-only images, such as those of snaps, are made full and stay so. */
export function isImage(dataset: Dataset, mount: string): boolean {
  const free = dataset.measure(`fs_${mount}_free_bytes`);
  return free !== null && dataset.summary(free).max === 0;
}
