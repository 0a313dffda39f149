import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseNetDev } from "./net-dev.ts";

const headings = "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n";

test("parseNetDev() reads every interface of a captured file", () => {
  const interfaces = parseNetDev(readFixture("oci-containers/net-dev"));
  expect([...interfaces.keys()]).toEqual([
    "lo",
    "enp0s5",
    "docker0",
    "veth9c000f5",
    "veth18bc060",
    "veth09d29e5",
  ]);
  expect(interfaces.get("docker0")).toEqual({
    rx_bytes: 128_209,
    rx_packets: 2392,
    rx_errors: 0,
    rx_drops: 0,
    rx_fifo: 0,
    rx_frame: 0,
    rx_compressed: 0,
    rx_multicast: 0,
    tx_bytes: 13_663_933,
    tx_packets: 3722,
    tx_errors: 0,
    tx_drops: 2,
    tx_fifo: 0,
    tx_collisions: 0,
    tx_carrier: 0,
    tx_compressed: 0,
  });
});

test("parseNetDev() reads old kernels' numbers that follow the colon at once", () => {
  const text = `${headings}  eth0:1234567890 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`;
  expect(parseNetDev(text).get("eth0")).toMatchObject({
    rx_bytes: 1_234_567_890,
    tx_compressed: 16,
  });
});

test.each([
  [`${headings}eth0: 1 2 3\n`, "line 3: rx_drops of eth0 is missing, not a whole number"],
  [
    `${headings}eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 1.5\n`,
    'line 3: tx_compressed of eth0 is "1.5", not a whole number',
  ],
  [`${headings}no interface\n`, 'line 3: "no interface" does not start with a name and a colon'],
])("parseNetDev() names line and value of %j", (text, message) => {
  expect(() => parseNetDev(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/net/dev: ${message}`),
  );
});

test("parseNetDev() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("oci-containers/net-dev")), (text) => {
      expect(findFault(() => parseNetDev(text), "/proc/net/dev")).toBeNull();
    }),
  );
});
