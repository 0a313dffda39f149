import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { parseSnmp } from "./snmp.ts";

test("parseSnmp() reads TCP and UDP of kernel 3.10, whose MaxConn is -1", () => {
  expect(parseSnmp(readFixture("written-rhel-7-3.10/net-snmp"))).toEqual({
    TcpActiveOpens: 88_120,
    TcpPassiveOpens: 41_233,
    TcpAttemptFails: 2011,
    TcpEstabResets: 877,
    TcpCurrEstab: 63,
    TcpInSegs: 19_802_114,
    TcpOutSegs: 15_233_087,
    TcpRetransSegs: 10_442,
    TcpInErrs: 3,
    TcpOutRsts: 6120,
    UdpInDatagrams: 611_204,
    UdpNoPorts: 1820,
    UdpInErrors: 2,
    UdpOutDatagrams: 612_011,
    UdpRcvbufErrors: 2,
    UdpSndbufErrors: 0,
  });
});

test.each([
  ["linux-3.19", { TcpPassiveOpens: 101_092, TcpCurrEstab: 42, UdpNoPorts: 1556 }],
  ["rhcos-4.2-4.18", { TcpAttemptFails: 53_221, TcpRetransSegs: 441, UdpInDatagrams: 55_718 }],
  ["written-ubuntu-22.04-5.15", { TcpRetransSegs: 302, UdpOutDatagrams: 20_188, TcpCurrEstab: 9 }],
  ["linux-6.18", { TcpRetransSegs: 395, UdpOutDatagrams: 185, TcpOutRsts: 1301 }],
])("parseSnmp() reads the file of %s", (machine, expected) => {
  expect(parseSnmp(readFixture(`${machine}/net-snmp`))).toMatchObject(expected);
});

test("parseSnmp() finds counters by their names, and gives null for those that a kernel does not have", () => {
  const text = "Udp: NoPorts InDatagrams\nUdp: 7 8\nTcp: InSegs Later\nTcp: 5 -1\n";
  expect(parseSnmp(text)).toMatchObject({
    UdpInDatagrams: 8,
    UdpNoPorts: 7,
    TcpInSegs: 5,
    TcpOutSegs: null,
    UdpSndbufErrors: null,
  });
});

test.each([
  ["Tcp: InSegs\nTcp: x\n", 'line 2: InSegs of Tcp is "x", not a whole number'],
  ["Tcp: InSegs OutSegs\nTcp: 1\n", "line 2: OutSegs of Tcp is missing, not a whole number"],
  ["Tcp: InSegs\nUdp: 1\n", 'line 2: "Udp: 1" are no values of "Tcp: InSegs"'],
  ["Tcp: InSegs\n", 'line 2: missing are no values of "Tcp: InSegs"'],
  ["no protocol\n1\n", 'line 2: "1" are no values of "no protocol"'],
  ["Udp: NoPorts\nUdp: 1\n", "line 2: the text ends without Tcp"],
])("parseSnmp() names line and value of %j", (text, message) => {
  expect(() => parseSnmp(text)).toThrow(new SyntaxError(`Cannot parse /proc/net/snmp: ${message}`));
});
