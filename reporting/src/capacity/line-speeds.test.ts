import { expect, test } from "vitest";
import { during, testDataset, type Course } from "../testing/machine.ts";
import { findLineSpeeds, parseLineSpeeds } from "./line-speeds.ts";

test("parseLineSpeeds() takes megabits and gives bytes", () => {
  expect([...parseLineSpeeds("eth0=1000, bond0.7 = 2500")]).toEqual([
    ["eth0", 125e6],
    ["bond0.7", 312.5e6],
  ]);
});

test.each(["", "eth0", "eth0=", "eth0=fast", "eth0=0", "eth0=1000,", "=1000"])(
  "parseLineSpeeds() refuses %j and says how to write it",
  (text) => {
    expect(() => parseLineSpeeds(text)).toThrow(/Cannot use network speeds.*eth0=1000/);
  },
);

const interfaces = ["eth0", "eth1"];
const busy = (course: Course, { intervalS = 10, rows = 360 } = {}) =>
  testDataset({
    rows,
    intervalS,
    columns: { net_eth0_tx_bytes: course, net_eth1_rx_bytes: () => 1 },
  });
const gigabit = 125e6;

test("findLineSpeeds() takes what is given before what the machine tells, interface by interface", () => {
  const { speeds, doubtedSpeeds } = findLineSpeeds(
    busy(() => 1),
    {
      interfaces,
      given: new Map([["eth1", 5e6]]),
      told: { eth0: 1000, eth1: 1000, eth7: 1000 },
    },
  );
  expect([...speeds]).toEqual([
    ["eth0", { bytesPerS: gigabit, from: "machine" }],
    ["eth1", { bytesPerS: 5e6, from: "user" }],
  ]);
  expect(doubtedSpeeds.size).toBe(0);
});

const told = { interfaces, given: new Map(), told: { eth0: 1000 } };

test("findLineSpeeds() does not believe a machine whose line carried more, in whichever direction", () => {
  const course = during(20, 21, { high: 1.3 * gigabit, low: 0 });
  const { speeds, doubtedSpeeds } = findLineSpeeds(busy(course), told);
  expect([...speeds]).toEqual([]);
  expect([...doubtedSpeeds]).toEqual([
    ["eth0", { toldBytesPerS: gigabit, carriedBytesPerS: 1.3 * gigabit }],
  ]);
  const given = new Map([["eth0", gigabit]]);
  expect(findLineSpeeds(busy(course), { ...told, given }).speeds.size).toBe(1);
});

test.each([
  ["a full line, as drivers count it", busy(() => 1.04 * gigabit)],
  // A driver that counts every ten seconds.
  ["lumps", busy((s) => (s % 10 === 0 ? 9 * gigabit : 0), { intervalS: 1, rows: 600 })],
  [
    "a lump beside a gap",
    busy((s) => (s < 358 ? NaN : s < 360 ? 3 * gigabit : 0), { intervalS: 1, rows: 600 }),
  ],
  ["gaps alone", busy(() => NaN)],
])("findLineSpeeds() believes a machine that tells of %s", (_, dataset) => {
  const { speeds, doubtedSpeeds } = findLineSpeeds(dataset, told);
  expect([speeds.size, doubtedSpeeds.size]).toEqual([1, 0]);
});
