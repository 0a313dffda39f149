import { expect, test } from "vitest";
import { analyse } from "../report.ts";
import { testStartS, type TestMachine } from "../testing/machine.ts";
import { testInput, toPage } from "../testing/report.ts";
import { compare } from "./compare.ts";
import { buildComparison, type ComparedReport } from "./document.ts";

async function report(
  label: string,
  machine: Partial<TestMachine> = {},
  costPerHour: number | null = null,
): Promise<ComparedReport> {
  const input = await testInput({ rows: 720, ...machine });
  const options = { storageDevice: "auto", networkInterface: "auto", sourceName: `${label}.csv` };
  return { label, ...analyse(input, options), costPerHour };
}

const made = { title: "Comparison", generator: "perf-report 0", nowS: 1_772_500_000 };
const build = (reports: ComparedReport[], how: Parameters<typeof compare>[1]) =>
  buildComparison({ ...made, reports, comparison: compare(reports, how) });
const slow = { disk_sda_await_ms: () => 9 };

test("buildComparison() says in words and numbers what is worse, and draws it", async () => {
  const reports = [await report("before", {}, 0.4), await report("after", { columns: slow })];
  const document = build(reports, { alignment: "elapsed" });
  expect(document.cover).toMatchObject({
    heading: "before and after",
    status: { tone: "warning", text: expect.stringMatching(/^1.difference, 1 for the worse$/) },
  });
  const page = toPage(document);
  expect(page).toMatch(
    /“after” compared with “before”, over the first 2.h of each: 1.thing differs, 1 for the worse\./,
  );
  expect(page).toMatch(
    /Busiest disk: await<\/strong>, higher in “after”: 9.00.ms on average instead of 1.20.ms in “before” \(7.50 times as much\)/,
  );
  expect(page).toContain('id="chart-compare-radar"');
  expect(page).toContain('id="chart-compare-disk-sda-await-ms"');
  expect(document.sections.map(({ id }) => id)).toEqual([
    "differences",
    "side-by-side",
    "machines",
    "price",
    "trust",
    "annex",
  ]);
});

test("buildComparison() of two captures that are alike says so", async () => {
  const reports = [await report("one"), await report("other")];
  const { cover, sections } = build(reports, { alignment: "time-of-day" });
  expect(cover.status).toEqual({ tone: "good", text: "No difference that matters" });
  expect(JSON.stringify(sections[0])).toContain(
    "nothing differs in a way that anyone would act on",
  );
  expect(sections.map(({ id }) => id)).not.toContain("price");
});

test("buildComparison() by the time of day draws and names what all have around midnight, and no more", async () => {
  const reports = [
    await report("one", { startS: testStartS + 22.5 * 3600, columns: slow }),
    await report("other", { startS: testStartS + 94.5 * 3600 }),
  ];
  const page = toPage(build(reports, { alignment: "time-of-day" }));
  expect(page).toContain("at the times of day that all have, 22:30 – 00:30 UTC");
  expect(page).toMatch(/viewBox="-0.5 0 480 400"[^>]* data-x="clock" data-start="81000"/);
});

test("buildComparison() compares each of several captures with the first, and escapes their names", async () => {
  const reports = [await report("<b>a"), await report("b", { columns: slow }), await report("c")];
  const document = build(reports, {
    alignment: "marker",
    markersS: reports.map(({ dataset }) => dataset.timing.startS + 3600),
  });
  const page = toPage(document);
  expect(document.cover.heading).toBe("<b>a, b and c");
  expect(page).not.toContain("<b>a,");
  expect(page).toMatch(/from 1.h before to 1.h after their markers/);
  expect(document.cover.status.text).toMatch(/^1.difference, 1 for the worse$/);
});

test("buildComparison() carries branding, and every link of its page leads somewhere", async () => {
  const reports = [await report("before"), await report("after", { columns: slow })];
  const comparison = compare(reports, { alignment: "elapsed" });
  const branding = { name: "ACME", colors: null, logo: null };
  const page = toPage(buildComparison({ ...made, reports, comparison, branding }));
  expect(page).toMatch(/<p>\s*ACME\s*<\/p>/);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
  expect(anchors.filter((anchor) => !ids.has(anchor))).toEqual([]);
});

test("buildComparison() tells of most values where a few large ones move the mean the other way", async () => {
  const few = (s: number) => (s % 600 === 0 ? 3000 : 1);
  const reports = [
    await report("before", { columns: { disk_sda_await_ms: few } }),
    await report("after", { columns: { disk_sda_await_ms: () => 9 } }),
  ];
  const page = toPage(build(reports, { alignment: "elapsed" }));
  expect(page).toMatch(
    /await<\/strong>, mostly higher in “after”: though 9.00.ms on average instead of 51.0.ms in “before”,.* This is worse\./,
  );
});

test("buildComparison() prices the work of each capture whose cost is known, by the CPUs that its facts tell", async () => {
  const columns = {
    cpu_idle: () => 50,
    cpu_iowait: () => 0,
    cpu0_idle: null,
    cpu1_idle: null,
    net_eth0_rx_bytes: () => 2 ** 20,
    net_eth0_tx_bytes: () => 0,
  };
  const priced = { ...(await report("a", { columns }, 0.5)), cpuCount: 4 };
  const sections = build([priced, await report("b", { columns })], { alignment: "elapsed" });
  const section = sections.sections.find(({ id }) => id === "price");
  // Half of four CPUs; 3,600 MiB an hour; the test machine's disks count no requests.
  expect(section?.blocks[1]).toMatchObject({
    columns: [{}, {}, { label: "A busy CPU for an hour" }, { label: "A GiB of traffic" }],
    rows: [["a", "0.50", "0.25", "0.14"]],
  });
});

test("buildComparison() draws the times of day that are shared, and nothing beside them", async () => {
  const at = (minute: number) => Date.UTC(2026, 2, 2, 19, minute) / 1000;
  const reports = [
    await report("early", { rows: 120, startS: at(0) }),
    await report("late", { rows: 120, startS: at(11) + 86_400 }),
  ];
  const page = toPage(build(reports, { alignment: "time-of-day" }));
  expect(page).toContain("19:11 – 19:20 UTC");
  const [, chart = ""] = page.split('id="chart-compare-cpu-busy"');
  const ticks = [...chart.slice(0, chart.indexOf("</figure>")).matchAll(/>(\d\d:\d\d)</g)];
  expect([ticks[0]?.[1], ticks.at(-1)?.[1], ticks.length]).toEqual(["19:11", "19:19", 5]);
});

test("buildComparison() lets the digits of the machines' table break, and names a machine without swap", async () => {
  const swap = (bytes: number) => ({ swap_total: () => bytes, swap_free: () => bytes / 2 });
  const reports = [
    await report("before", { columns: swap(0) }),
    await report("after", { columns: swap(2 ** 30) }),
  ];
  const page = toPage(build(reports, { alignment: "elapsed" }));
  for (const { source } of reports)
    expect(page).toContain(`<td><code>${source.sha256}</code></td>`);
  expect(page).toContain("“before” has no swap: swapping is not judged there.");
});
