import { readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";

/** RAM disks and loop devices by their major numbers, where sysfs does not tell. */
const passedOn = /^(?:1|7):/;
/** The kernel gives minor numbers 20 bits. */
const minorCount = 2 ** 20;

/** Tells of which block devices requests are counted, so that none is counted twice. */
export class BlockDevices {
  private readonly folder: string;
  private readonly known = new Map<number, boolean>();

  /** `sysfs` is the machine's /sys. */
  constructor(sysfs: string) {
    this.folder = join(sysfs, "dev/block");
  }

  /**
   * Whether a device, given as `major:minor`, is one that no other stands under: requests to the device mapper and to md are counted
   * at their disks too, and those to loop devices at the disk that their file lies on. Memory disks are no disks. What threads of
   * the kernel write in a container's place (RAID 5 and 6, dm-crypt) is at no disk the container's: it is left out rather than guessed.
   */
  counts(device: string): boolean {
    return !passedOn.test(device) && !this.isInMemory(device) && !this.isLayered(device);
  }

  /** The same by the two numbers; remembered. */
  countsNumbers(major: number, minor: number): boolean {
    const key = major * minorCount + minor;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const counts = this.counts(`${major}:${minor}`);
    this.known.set(key, counts);
    return counts;
  }

  /** Numbers are given out again when a device goes. */
  forget(): void {
    this.known.clear();
  }

  private isInMemory(device: string): boolean {
    try {
      return /^(?:loop|z?ram)\d/.test(basename(readlinkSync(join(this.folder, device))));
    } catch {
      // Without sysfs a device counts.
      return false;
    }
  }

  private isLayered(device: string): boolean {
    try {
      return readdirSync(join(this.folder, device, "slaves")).length > 0;
    } catch {
      return false;
    }
  }
}
