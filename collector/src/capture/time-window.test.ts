import { describe, expect, test } from "vitest";
import { parseTimeZone, utc } from "../import/time-zone.ts";
import { parseTimeBound, resolveWindow } from "./time-window.ts";

function unix(text: string): number {
  return Date.parse(text) / 1000;
}

/** The window in RFC 3339. */
function resolve(
  from: string | null,
  to: string | null,
  { start = "2026-11-26T08:15:00Z", end = "2026-11-26T17:45:00Z", zone = "UTC" } = {},
): (string | null)[] {
  const { fromS, toS } = resolveWindow(
    {
      from: from === null ? null : parseTimeBound(from),
      to: to === null ? null : parseTimeBound(to),
    },
    { startS: unix(start), endS: unix(end), timeZone: parseTimeZone(zone) ?? utc },
  );
  return [fromS, toS].map((timeS) =>
    Number.isFinite(timeS) ? new Date(timeS * 1000).toISOString().slice(0, 19) : null,
  );
}

describe("resolveWindow()", () => {
  test.each<[string | null, string | null, (string | null)[]]>([
    [null, null, [null, null]],
    ["2026-11-26T09:00:00Z", "1795680000", ["2026-11-26T09:00:00", "2026-11-26T08:00:00"]],
    ["2026-11-26T09:00:00+02:00", null, ["2026-11-26T07:00:00", null]],
    ["2026-11-26 09:00", null, ["2026-11-26T09:00:00", null]],
    ["-1h", null, ["2026-11-26T16:45:00", null]],
    ["-90m", "-30m", ["2026-11-26T16:15:00", "2026-11-26T17:15:00"]],
    // Times of day are those of the first day.
    ["09:00", "10:30:15", ["2026-11-26T09:00:00", "2026-11-26T10:30:15"]],
    ["07:00", null, ["2026-11-26T07:00:00", null]],
    // Also those from before the first sample.
    ["07:00", "07:30", ["2026-11-26T07:00:00", "2026-11-26T07:30:00"]],
    [null, "07:00", [null, "2026-11-26T07:00:00"]],
    ["00:00", "23:59", ["2026-11-26T00:00:00", "2026-11-26T23:59:00"]],
    ["2026-11-26T07:00:00Z", "07:30", ["2026-11-26T07:00:00", "2026-11-26T07:30:00"]],
    // The next day's only where they are not behind `from`.
    ["09:00", "09:00", ["2026-11-26T09:00:00", "2026-11-27T09:00:00"]],
    ["-1h", "02:00", ["2026-11-26T16:45:00", "2026-11-27T02:00:00"]],
    ["22:00", "02:00", ["2026-11-26T22:00:00", "2026-11-27T02:00:00"]],
  ])("resolveWindow() takes %j to %j", (from, to, window) => {
    expect(resolve(from, to)).toEqual(window);
  });

  test("resolveWindow() takes times of day as a clock of the zone shows them", () => {
    const zone = "America/New_York";
    expect(resolve("09:00", "10:00", { zone })).toEqual([
      "2026-11-26T14:00:00",
      "2026-11-26T15:00:00",
    ]);
    expect(resolve("01:00", "01:30", { zone })).toEqual([
      "2026-11-26T06:00:00",
      "2026-11-26T06:30:00",
    ]);
    // There it is still the day before.
    const start = "2026-11-26T02:00:00Z";
    expect(resolve("23:00", null, { zone, start })).toEqual(["2026-11-26T04:00:00", null]);
    expect(resolve(null, "20:00", { zone, start })).toEqual([null, "2026-11-26T01:00:00"]);
  });

  test.each(["", "yesterday", "25:00", "2026-13-01T00:00:00Z", "1h", "-", "-1x", "12", "9:00"])(
    "parseTimeBound() does not know %j",
    (text) => {
      expect(parseTimeBound(text)).toBeNull();
    },
  );
});

describe("parseTimeZone()", () => {
  test.each([
    ["Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00"],
    ["Europe/Berlin", "2026-12-01T12:00:00", "2026-12-01T11:00:00"],
    ["+05:30", "2026-12-01T12:00:00", "2026-12-01T06:30:00"],
    ["-0800", "2026-12-01T12:00:00", "2026-12-01T20:00:00"],
    ["UTC+0", "2026-12-01T12:00:00", "2026-12-01T12:00:00"],
    // Clocks jump from 02:00 to 03:00: what nobody has seen counts as if they had not.
    ["Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00"],
    ["Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"],
  ])("parseTimeZone() of %s takes %s to %s", (zone, local, expected) => {
    const timeS = parseTimeZone(zone)?.toUnixS(unix(`${local}Z`));
    expect(timeS).toBe(unix(`${expected}Z`));
  });

  test("parseTimeZone() tells the hour that comes twice by what was before it", () => {
    const zone = parseTimeZone("Europe/Berlin");
    const local = unix("2026-10-25T02:30:00Z");
    expect(zone?.toUnixS(local)).toBe(unix("2026-10-25T00:30:00Z"));
    const before = unix("2026-10-25T00:59:00Z");
    expect(zone?.toUnixS(local, before)).toBe(unix("2026-10-25T01:30:00Z"));
  });

  test("parseTimeZone() does not know what is none", () => {
    expect(["Mars/Olympus", "", "+x"].map(parseTimeZone)).toEqual([null, null, null]);
  });
});
