import { existsSync, readdirSync, readFileSync } from "node:fs";

const folder = new URL("fixtures/", import.meta.url);

/**
 * Text of a kernel file: `readFixture("azure-ubuntu/diskstats")`. Captured from machines, but for the folders called
 * `written-…`; README.md beside them tells where each is from.
 */
export function readFixture(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

/** The texts of a file of /proc, such as `net/dev`, by machine. */
export function listFixtures(file: string): { machine: string; text: string }[] {
  return readdirSync(folder)
    .map((machine) => ({ machine, name: `${machine}/${file.replace(/^net\//, "net-")}` }))
    .filter(({ name }) => existsSync(new URL(name, folder)))
    .map(({ machine, name }) => ({ machine, text: readFixture(name) }));
}
