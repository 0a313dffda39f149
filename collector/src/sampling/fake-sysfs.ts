import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** An interface below /sys of the machine's root: one of a device, as the kernel has it, unless it says otherwise. */
export function createInterface(
  rootfs: string,
  name: string,
  { isDevice = true, ...files }: { isDevice?: boolean } & Record<string, string | boolean>,
): void {
  const folder = join(rootfs, "sys/class/net", name);
  mkdirSync(folder, { recursive: true });
  if (isDevice) symlinkSync("../../../0000:00:03.0", join(folder, "device"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), String(text));
  }
}
