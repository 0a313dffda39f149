import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { swappingThrash } from "./swapping-thrash.ts";

const pages = (inRate: number, outRate: number, [from, to] = [10, 20]) => ({
  vm_swapin_pages: during(from ?? 0, to ?? 0, { high: inRate, low: 0 }),
  vm_swapout_pages: during(from ?? 0, to ?? 0, { high: outRate, low: 0 }),
});

test("swapping-thrash is sure where pages go both ways, and critical from fifteen minutes on", () => {
  expect(judgeMachine(swappingThrash, pages(900, 800))).toMatchObject({
    finding: { severity: "warning", confidence: "high", evidence: [{}, {}] },
  });
  expect(judgeMachine(swappingThrash, pages(900, 0, [10, 30]))).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "medium",
      evidence: [{}, { sentence: expect.stringContaining("had been swapped out before") }],
    },
  });
});

test("swapping-thrash explains a full disk only where it moved most of what the disk moved", () => {
  const disk = { disk_sda_read_bytes: () => 4e6, disk_sda_write_bytes: () => 3e6 };
  const disks = ["sda"];
  expect(judgeMachine(swappingThrash, { ...disk, ...pages(900, 800) }, { disks })).toMatchObject({
    finding: { unexplained: [] },
  });
  expect(judgeMachine(swappingThrash, { ...disk, ...pages(90, 80) }, { disks })).toMatchObject({
    finding: { unexplained: ["disk-saturation", "cpu-iowait", "psi-io"] },
  });
});

test("swapping-thrash reckons with the machine's own size of pages", () => {
  const pageBytes = 65_536;
  const columns = {
    disk_sda_read_bytes: () => 150 * pageBytes,
    disk_sda_write_bytes: () => 150 * pageBytes,
    mem_free: (s: number) => pageBytes * (9000 + ((s * 7919) % 4001)),
    ...pages(100, 90),
  };
  const evidence = [
    {},
    { sentence: expect.stringMatching(/In pages of 64\.0.KiB that is 6\.25.MiB\/s in and 5\.63/) },
  ];
  expect(judgeMachine(swappingThrash, columns, { disks: ["sda"] })).toMatchObject({
    finding: { unexplained: [], evidence },
  });
});

test("swapping-thrash counts the bytes of a disk once where a layer upon it has them again", () => {
  const swapped = { read: () => 900 * 4096, write: () => 800 * 4096 };
  const columns = {
    disk_sda_read_bytes: () => 1.2 * swapped.read(),
    disk_sda_write_bytes: () => 1.2 * swapped.write(),
    "disk_dm-0_read_bytes": swapped.read,
    "disk_dm-0_write_bytes": swapped.write,
    ...pages(900, 800),
  };
  expect(judgeMachine(swappingThrash, columns, { disks: ["sda", "dm-0"] })).toMatchObject({
    finding: { unexplained: [] },
  });
});

test("swapping-thrash says of no disk what was swapped to memory itself", () => {
  const disk = { disk_sda_read_bytes: () => 4e4, disk_sda_write_bytes: () => 9e4 };
  const swapped = { ...disk, ...pages(900, 800, [10, 30]) };
  expect(judgeMachine(swappingThrash, swapped, { disks: ["sda"] })).toMatchObject({
    finding: {
      severity: "warning",
      title: "Memory was swapped out and back at times",
      sentence: expect.stringContaining("zram"),
      unexplained: ["disk-saturation", "cpu-iowait", "psi-io"],
    },
  });
});

test("swapping-thrash is silent on pages that only leave, and on a few that come back", () => {
  expect(judgeMachine(swappingThrash, pages(0, 900))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(swappingThrash, pages(40, 900))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(swappingThrash, { vm_swapin_pages: null })).toMatchObject({
    outcome: "refused",
  });
});
