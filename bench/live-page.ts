// What a machine's page costs its reader while it is watched: a dozen charts of 900 buckets, drawn anew with each sample.
import type { CDPSession, Page } from "playwright-core";
import { openBrowser } from "../e2e/browser.ts";
import { buildPages } from "../start/pages.ts";
import { firstDayS, generateMachineDay } from "./generate.ts";
import { median, percentile95, withPortal, type BenchPortal } from "./portal.ts";

const machineId = "watched";
const shownS = 900;
const charts = 12;
const redraws = 100;
const warmUps = 20;
/** Faster than the samples' own second, to be done sooner; slow enough for one to be drawn before the next. */
const pauseMs = 300;
/** Of the page's main thread, a tenth of the second until the next sample. */
const goalMs = 100;

export async function run(): Promise<void> {
  await buildPages(`${import.meta.dirname}/..`, new AbortController().signal);
  await withPortal(async (portal) => {
    const [header = "", ...rows] = [
      ...generateMachineDay({ machineId, rows: shownS + warmUps + redraws }),
    ]
      .join("")
      .trimEnd()
      .split("\n");
    const csv = [header, ...rows.splice(0, shownS)].join("\n");
    await portal.upload({ machineId, csv: new Blob([`${csv}\n`]) });
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      page.setDefaultTimeout(120_000);
      await signIn(page, portal);
      await page.goto(`${portal.url}/machines/${machineId}?range=15m`);
      await page
        .locator("canvas")
        .nth(charts - 1)
        .waitFor();
      const thread = await page.context().newCDPSession(page);
      // Time of the processor, not of the clock.
      await thread.send("Performance.enable", { timeDomain: "threadTicks" });
      const processes = await browser.newBrowserCDPSession();
      const main: number[] = [];
      let allMs = 0;
      for (const [index, row] of rows.entries()) {
        if (index === warmUps) allMs = await readAllMs(processes);
        const beforeMs = await readMainMs(thread);
        await stream(portal, { header, row, sequence: index + 1 });
        await page.waitForTimeout(pauseMs);
        if (index >= warmUps) main.push((await readMainMs(thread)) - beforeMs);
      }
      allMs = (await readAllMs(processes)) - allMs;
      const newest = firstDayS + shownS + warmUps + redraws - 1;
      await page.locator(`time[datetime="${new Date(newest * 1000).toISOString()}"]`).waitFor();
      tell(main, allMs / redraws);
    } finally {
      await browser.close();
    }
  });
}

function tell(main: readonly number[], allMs: number): void {
  const met = median(main) <= goalMs;
  console.log(
    `${charts} charts of ${shownS} buckets, ${redraws} samples: main thread p50 ${median(main).toFixed(1)} ms, p95 ${percentile95(main).toFixed(1)} ms of CPU a sample; browser with all its processes ${allMs.toFixed(0)} ms; goal p50 ≤ ${goalMs} ms: ${met ? "met" : "missed"}`,
  );
  if (!met) process.exitCode = 1;
}

async function signIn(page: Page, portal: BenchPortal): Promise<void> {
  const { email, password } = await portal.addPerson();
  await page.goto(portal.url);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: machineId }).first().waitFor();
}

async function stream(
  { url, headers }: BenchPortal,
  { header, row, sequence }: { header: string; row: string; sequence: number },
): Promise<void> {
  const batch = new URLSearchParams({ agent: "bench", epoch: "1", sequence: String(sequence) });
  const response = await fetch(`${url}/api/v1/performance/stream?${batch.toString()}`, {
    method: "POST",
    headers: { ...headers, "content-type": "text/csv" },
    body: `${header}\n${row}\n`,
  });
  if (response.status !== 200) {
    throw new Error(`Cannot stream: ${response.status} ${await response.text()}`);
  }
}

/** CPU time of the page's main thread so far. */
async function readMainMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
}

/** CPU time so far of those of the browser's processes that run now. */
async function readAllMs(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
