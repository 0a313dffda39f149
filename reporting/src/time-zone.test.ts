import { expect, test } from "vitest";
import { findTimeZone, utc } from "./time-zone.ts";

const at = (text: string) => Date.parse(text) / 1000;

test("findTimeZone() knows offsets in winter, in summer and around the change", () => {
  const berlin = findTimeZone("Europe/Berlin");
  expect(berlin.offsetAt(at("2026-03-02T12:00:00Z"))).toBe(3600);
  expect(berlin.offsetAt(at("2026-03-29T00:59:59Z"))).toBe(3600);
  expect(berlin.offsetAt(at("2026-03-29T01:00:00Z"))).toBe(7200);
});

test("findTimeZone() knows offsets of a part of an hour, and behind UTC", () => {
  expect(findTimeZone("Asia/Kathmandu").offsetAt(at("2026-03-02T12:00:00Z"))).toBe(5.75 * 3600);
  expect(findTimeZone("America/St_Johns").offsetAt(at("2026-03-02T12:00:00Z"))).toBe(-3.5 * 3600);
});

test("findTimeZone() of UTC is no offset at all", () => {
  expect(findTimeZone("UTC")).toBe(utc);
  expect(utc.offsetAt(0)).toBe(0);
});

test("findTimeZone() refuses what is no zone, and says what one looks like", () => {
  expect(() => findTimeZone("Mars/Olympus")).toThrow(
    'Cannot use the time zone "Mars/Olympus": write a name such as Europe/Berlin',
  );
});
