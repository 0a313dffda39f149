import { expect, test } from "vitest";
import { parseCpuinfo } from "./cpuinfo.ts";

test("parseCpuinfo() reads the first processor and counts all", () => {
  const processor = (number: number): string =>
    `processor\t: ${number}\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 9J14 96-Core Processor\ncpu MHz\t\t: 2596.096\ncache size\t: 512 KB\nphysical id\t: ${number}\nsiblings\t: 2\ncpu cores\t: 1\nflags\t\t: fpu vme\nbogomips\t: 5192.19\n\n`;
  expect(parseCpuinfo(processor(0) + processor(1))).toEqual({
    vendorId: "AuthenticAMD",
    modelName: "AMD EPYC 9J14 96-Core Processor",
    coresPerPackage: 1,
    siblings: 2,
    mhz: 2596.096,
    cacheSize: "512 KB",
    cpuCount: 2,
    packageCount: 2,
    bogomips: 5192.19,
    flags: "fpu vme",
  });
});

test("parseCpuinfo() gives null for what ARM does not tell", () => {
  expect(parseCpuinfo("processor\t: 0\nBogoMIPS\t: 50.00\n")).toMatchObject({
    vendorId: null,
    mhz: null,
    packageCount: null,
    cpuCount: 1,
  });
});

test("parseCpuinfo() refuses a text without processors", () => {
  expect(() => parseCpuinfo("nothing")).toThrow(SyntaxError);
});
