import { expect, test } from "vitest";
import { parseReleasable } from "./unused-pages.ts";

function renderMapping(
  addresses: string,
  permissions: string,
  path: string,
  anonymousKb: number,
): string {
  return `${addresses} ${permissions} 0183a000 fe:00 2164594                            ${path}
Size:              79912 kB
KernelPageSize:        4 kB
Rss:               25120 kB
Anonymous:         ${String(anonymousKb).padStart(5)} kB
AnonHugePages:         0 kB
VmFlags: rd ex mr mw me
`;
}

test("parseReleasable() takes a file's code and constants", () => {
  const smaps =
    renderMapping("00200000-01a39000", "r--p", "/usr/bin/perfcollector", 0) +
    renderMapping("01a40000-0684a000", "r-xp", "/usr/bin/perfcollector (deleted)", 0);
  expect(parseReleasable(smaps)).toEqual([
    { start: 0x200000n, length: 0x1839000n },
    { start: 0x1a40000n, length: 0x4e0a000n },
  ]);
});

test.each([
  ["pages that were changed", renderMapping("7f00-8f00", "r--p", "/usr/lib/libc.so.6", 12)],
  ["what can be written to", renderMapping("7f00-8f00", "rw-p", "/usr/lib/libc.so.6", 0)],
  ["what can be written to and run", renderMapping("7f00-8f00", "rwxp", "/usr/lib/libc.so.6", 0)],
  ["what is shared", renderMapping("7f00-8f00", "r--s", "/var/cache/nscd/hosts", 0)],
  ["memory of no file", renderMapping("7f00-8f00", "r-xp", "", 0)],
  ["the kernel's own", renderMapping("7f00-8f00", "r-xp", "[vdso]", 0)],
  ["a mapping that does not tell", "7f00-8f00 r-xp 00000000 fe:00 1 /usr/bin/true\nRss: 4 kB\n"],
])("parseReleasable() leaves %s alone", (_what, smaps) => {
  expect(parseReleasable(smaps)).toEqual([]);
});
