import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { parseNetstat } from "./netstat.ts";

test("parseNetstat() reads the file of kernel 3.10, which does not count SYNs sent again", () => {
  expect(parseNetstat(readFixture("written-rhel-7-3.10/net-netstat"))).toEqual({
    TcpExtListenOverflows: 14,
    TcpExtListenDrops: 19,
    TcpExtTCPTimeouts: 4410,
    TcpExtTCPBacklogDrop: 2,
    TcpExtTCPSynRetrans: null,
  });
});

test.each([
  ["linux-4.15", { TcpExtListenOverflows: 90, TcpExtListenDrops: 90, TcpExtTCPTimeouts: 64_657 }],
  ["rhcos-4.2-4.18", { TcpExtListenDrops: 0, TcpExtTCPTimeouts: 668, TcpExtTCPSynRetrans: 439 }],
  ["ubuntu-20.10-5.8", { TcpExtListenDrops: 0 }],
  [
    "written-ubuntu-22.04-5.15",
    { TcpExtListenDrops: 2, TcpExtTCPTimeouts: 88, TcpExtTCPSynRetrans: 61 },
  ],
  ["linux-6.18", { TcpExtListenOverflows: 0, TcpExtTCPBacklogDrop: 0 }],
])("parseNetstat() reads the file of %s, where other names stand before", (machine, expected) => {
  expect(parseNetstat(readFixture(`${machine}/net-netstat`))).toMatchObject(expected);
});

test.each([
  [
    "TcpExt: ListenDrops\nTcpExt: 1.5\n",
    'line 2: ListenDrops of TcpExt is "1.5", not a whole number',
  ],
  ["IpExt: InOctets\nIpExt: 1\n", "line 2: the text ends without TcpExt"],
])("parseNetstat() names line and value of %j", (text, message) => {
  expect(() => parseNetstat(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/net/netstat: ${message}`),
  );
});
