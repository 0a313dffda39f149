import type { Machine } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { growCourses, toFleetMachine } from "./machines.ts";

const idle = (time: number, cpu_idle: number) => ({ time, values: { cpu_idle, load1: 1 } });

test("growCourses() keeps the last five minutes of CPU and the newest sample whole", () => {
  const first = growCourses(new Map(), new Map([["web-01", [idle(0, 90), idle(100, 80)]]]), 1000);
  const course = growCourses(first, new Map([["web-01", [idle(301, 70)]]]), 1001).get("web-01");
  expect(course?.cpu).toEqual([
    { time: 100, values: { cpu_idle: 80 } },
    { time: 301, values: { cpu_idle: 70 } },
  ]);
  expect(course).toMatchObject({ latest: idle(301, 70), receivedS: 1001 });
  expect(course?.readings.cpuBusyPercent).toBe(30);
});

test("toFleetMachine() shows the live sample, unless the portal has told of a later one", () => {
  const live = growCourses(new Map(), new Map([["web-01", [idle(500, 60)]]]), 2000).get("web-01");
  expect(toFleetMachine(machine(499), live)).toMatchObject({
    readings: { cpuBusyPercent: 40 },
    lastSeenS: 2000,
  });
  expect(toFleetMachine(machine(501), live)).toMatchObject({
    readings: { cpuBusyPercent: 5 },
    lastSeenS: 501,
  });
});

test("toFleetMachine() says that a machine was never seen", () => {
  const silent = { ...machine(0), last_seen: null, latest: null };
  expect(toFleetMachine(silent, undefined)).toMatchObject({
    lastSeenS: null,
    readings: { cpuBusyPercent: null, load1: null },
  });
});

function machine(latestS: number): Machine {
  const time = new Date(latestS * 1000).toISOString();
  return {
    machine_id: "web-01",
    name: "web-01",
    created_at: time,
    last_seen: time,
    latest: { time, values: { cpu_idle: 95 } },
  };
}
