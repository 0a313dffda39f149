import { readFileSync } from "node:fs";

/** Text of a kernel file as captured: `readFixture("azure-ubuntu/diskstats")`. */
export function readFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** Folders with texts of the same files from different machines. */
export const machines = ["azure-ubuntu", "oci-oraclelinux", "oci-containers", "linux-6.18"];
