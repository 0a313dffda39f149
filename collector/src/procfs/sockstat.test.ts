import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { parseSockstat } from "./sockstat.ts";

test.each([
  ["written-rhel-7-3.10", [512, 41, 1, 12, 8]],
  ["rhcos-4.2-4.18", [172, 13, 0, 0, 5]],
  ["written-ubuntu-22.04-5.15", [164, 6, 0, 2, 3]],
  ["linux-6.18", [17, 1, 0, 2, 0]],
])("parseSockstat() reads the file of %s", (machine, [used, tcp, orphan, timeWait, udp]) => {
  expect(parseSockstat(readFixture(`${machine}/net-sockstat`))).toEqual({
    sockets_used: used,
    tcp_inuse: tcp,
    tcp_orphan: orphan,
    tcp_tw: timeWait,
    udp_inuse: udp,
  });
});

test("parseSockstat() gives null for protocols that the kernel was built without", () => {
  expect(parseSockstat("sockets: used 3\n")).toMatchObject({ sockets_used: 3, tcp_tw: null });
});

test.each([
  ["sockets: used -3\n", 'line 1: used of sockets: is "-3", not a whole number'],
  ["sockets: used\n", "line 1: used of sockets: is missing, not a whole number"],
  ["TCP: inuse 8\n", "line 2: the text ends without used of sockets:"],
])("parseSockstat() names line and value of %j", (text, message) => {
  expect(() => parseSockstat(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/net/sockstat: ${message}`),
  );
});
