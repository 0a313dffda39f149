import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listPrograms } from "./tree.ts";

const folder = join(import.meta.dirname, "systemd");
const units = readdirSync(folder);
const services = units.filter((unit) => unit.endsWith(".service"));
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const title = hasSystemd ? "" : " (skipped: systemd-analyze is not installed)";

test.skipIf(!hasSystemd)(`the units have nothing that systemd complains about${title}`, () => {
  const copies = mkdtempSync(join(tmpdir(), "units-"));
  onTestFinished(() => rmSync(copies, { recursive: true }));
  // The programs are not installed here; that they are where the units say is the package's test.
  for (const unit of units) {
    const text = readFileSync(join(folder, unit), "utf8");
    writeFileSync(join(copies, unit), text.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  }
  const paths = units.map((unit) => join(copies, unit));
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], {
    encoding: "utf8",
  });
  const about = stderr.split("\n").filter((line) => units.some((unit) => line.includes(unit)));
  expect({ status, about }).toEqual({ status: 0, about: [] });
});

test.skipIf(!hasSystemd).each(services)(
  `systemd calls the exposure of %s at most 2.5${title}`,
  (service) => {
    const report = execFileSync(
      "systemd-analyze",
      ["security", "--offline=true", "--no-pager", "--threshold=25", join(folder, service)],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    const exposure = Number(/exposure level for \S+: (\d+\.\d)/.exec(report)?.[1]);
    expect(exposure).toBeLessThanOrEqual(2.5);
  },
);

test.each(services)("%s is no root, and gets no capability", (service) => {
  const text = readFileSync(join(folder, service), "utf8");
  expect(text).toMatch(/^User=(?:perfcollector|pcd)$/m);
  expect(text).toMatch(/^CapabilityBoundingSet=$/m);
  expect(text).toMatch(/^NoNewPrivileges=yes$/m);
});

test.each(services)("%s runs nothing that a small installation does not have", (service) => {
  const text = readFileSync(join(folder, service), "utf8");
  const programs = Array.from(text.matchAll(/^Exec\w+=(\S+)/gm), ([, program]) => program);
  // procps, which brings /bin/kill, is not everywhere.
  const known = new Set(["/bin/sh", ...listPrograms().map((name) => `/usr/bin/${name}`)]);
  expect(programs.filter((program) => program === undefined || !known.has(program))).toEqual([]);
});
