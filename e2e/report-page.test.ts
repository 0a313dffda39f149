// The report as a person sees it: a file that is opened without a network, with a script and without, in light and dark, on a
// desk and on a phone.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listBarriers } from "./accessibility.ts";
import { runOk } from "./binaries.ts";
import { openBrowser } from "./browser.ts";
import { makeFolder } from "./folder.ts";
import { readPdfText } from "./pdf.ts";

let folder: string;
let report: string;
let browser: Browser;

beforeAll(async () => {
  folder = await makeFolder("report-page");
  report = join(folder, "report.html");
  const data = join(folder, "web-01.csv");
  await writeFile(data, makeCsv());
  const [logo, config] = [join(folder, "logo.svg"), join(folder, "acme.yaml")];
  await writeFile(
    logo,
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><path d="M0 0h40v20z"/></svg>`,
  );
  await writeFile(config, "branding: { name: ACME Operations, logo: logo.svg }\n");
  await runOk("perf-report", ["--config", config, "--data-file", data, "--output", report]);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** 26 hours by the minute: two CPUs, one of them busy for three hours; a gap of an hour; a disk and a container of names longer than a line. */
function makeCsv(): string {
  const disk = `nvme0n1-${"y".repeat(60)}`;
  const header =
    "timestamp,machine_id,cpu_user,cpu_system,cpu_iowait,cpu_idle,cpu0_idle,cpu1_idle," +
    "mem_total,mem_free,mem_available,load1,disk_sda_read_bytes,disk_sda_write_bytes," +
    "disk_sda_busy,disk_sda_await_ms,net_eth0_rx_bytes,net_eth0_tx_bytes,psi_cpu_some," +
    `container_k8s-${"x".repeat(90)}_cpu,disk_${disk}_busy,disk_${disk}_queue,disk_${disk}_await_ms`;
  const lines = Array.from({ length: 1560 }, (_, minute) => {
    const busy = minute > 600 && minute < 780 ? 95 : 20 + (minute % 7);
    const cells = [1_772_409_600 + 60 * minute, "web-01", busy - 5, 4, 1, 100 - busy];
    const memory = [16e9, 3e9, 9e9 + 1e6 * (minute % 11), busy / 40];
    const rates = [4e4 + minute, 9e4 + 10 * (minute % 13), busy / 3, 1 + (minute % 5) / 10];
    return [
      ...cells,
      100 - busy,
      80,
      ...memory,
      ...rates,
      2e5,
      3e5 + minute,
      busy / 50,
      3,
      2,
      0,
      1,
    ].join(",");
  });
  lines.splice(300, 60);
  return `${[header, ...lines].join("\n")}\n`;
}

/** Opens the report offline and fails for whatever it asks for beyond itself, or complains of. */
async function withReport(
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
  path = report,
): Promise<void> {
  const context = await browser.newContext({ offline: true, ...options });
  try {
    const page = await context.newPage();
    const strange: string[] = [];
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) strange.push(request.url());
    });
    page.on("pageerror", (error) => strange.push(error.message));
    page.on("console", (message) => strange.push(message.text()));
    await page.goto(pathToFileURL(path).href);
    await look(page);
    expect(strange).toEqual([]);
  } finally {
    await context.close();
  }
}

const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 360, height: 740 } };

test.each([
  ["on a desk", desk],
  ["on a phone", phone],
])("the report has no barriers %s, in light and dark", async (_, options) => {
  await withReport(options, async (page) => {
    expect(await listBarriers(page)).toEqual([]);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(
      options.viewport.width,
    );
  });
});

test.each([
  ["light", "rgba(0, 0, 0, 0)"],
  ["dark", "rgb(255, 255, 255)"],
] as const)(
  "the report's logo stands on the paper that logos are made for in %s",
  async (colorScheme, paper) => {
    await withReport({ ...desk, colorScheme }, async (page) => {
      const style = "getComputedStyle(document.querySelector('.brand img')).backgroundColor";
      expect(await page.evaluate<string>(style)).toBe(paper);
    });
  },
);

test("the report's pictures that stand side by side have their plots at one height, however long their titles", async () => {
  await withReport(desk, async (page) => {
    const row = page.locator(".row:has(#chart-histogram-disk-sda)");
    await row.scrollIntoViewIfNeeded();
    const boxes = await Promise.all(
      (await row.locator("svg.chart").all()).map((chart) => chart.boundingBox()),
    );
    const titles = await Promise.all(
      (await row.locator("figcaption b").all()).map((title) => title.boundingBox()),
    );
    expect(titles[1]?.height).toBeGreaterThan(Number(titles[0]?.height));
    expect(boxes[1]?.y).toBe(boxes[0]?.y);
  });
});

test("the report's tables that go on beyond a phone's edge show it, until one is there", async () => {
  await withReport(phone, async (page) => {
    const table = page.locator(".table").first();
    await table.scrollIntoViewIfNeeded();
    const box = await table.boundingBox();
    if (box === null) throw new Error("Cannot look at the table: it is not shown");
    const clip = { x: box.x + box.width - 4, y: box.y, width: 4, height: 20 };
    const before = await page.screenshot({ clip });
    await page.evaluate("document.querySelector('.table').scrollTo(1e4, 0)");
    expect((await page.screenshot({ clip })).equals(before)).toBe(false);
  });
});

test("the report reads whole without its script and without a network", async () => {
  await withReport({ ...desk, javaScriptEnabled: false }, async (page) => {
    const sections = page.locator("main > section");
    expect(await sections.count()).toBeGreaterThan(6);
    for (const chart of await page.locator("svg.chart").all()) {
      expect((await chart.boundingBox())?.height).toBeGreaterThan(60);
    }
    // Nothing is offered that only the script could do.
    expect(await page.locator("button").filter({ visible: true }).count()).toBe(0);
  });
});

test("the report's charts tell values, zoom together, and hide what the legend switches off", async () => {
  await withReport(desk, async (page) => {
    const figureOf = (id: string) => page.locator(`figure:has(#${id})`);
    const busy = figureOf("chart-cpu-busy");
    await busy.locator(".picture").focus();
    await page.keyboard.press("ArrowRight");
    expect(await busy.locator(".readout").textContent()).toMatch(/^2 Mar 1\d:\d\d UTC · Busy \d/);
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    const note = /^Shown: 2 Mar .* points of 2 min\. This file has no finer ones\./;
    for (const id of ["chart-cpu-busy", "chart-memory-available", "chart-cpu-strips"]) {
      expect(await figureOf(id).locator(".zoom").textContent()).toMatch(/^Shown: 2 Mar/);
    }
    expect(await busy.locator(".zoom").textContent()).toMatch(note);
    await busy.getByRole("button", { name: "Show all" }).click();
    expect(await page.locator(".zoom").filter({ visible: true }).count()).toBe(0);

    const hours = figureOf("chart-hours-cpu");
    await hours.locator(".picture").focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    expect(await hours.locator(".readout").textContent()).toBe("Mon 2 Mar, 12:00–13:00 · 90–100 %");

    const band = busy.getByRole("button", { name: "min–max" });
    await band.click();
    expect(await band.getAttribute("aria-pressed")).toBe("false");
    expect(await busy.locator('path[data-shape="band"]').isVisible()).toBe(false);
    expect(await busy.locator('path[data-shape="line"]').isVisible()).toBe(true);
  });
});

test("the report drags out a stretch of time with a mouse", async () => {
  await withReport(desk, async (page) => {
    const picture = page.locator(".picture:has(#chart-cpu-busy)");
    await picture.scrollIntoViewIfNeeded();
    const box = await picture.boundingBox();
    if (box === null) throw new Error("Cannot drag: the chart is not shown");
    const y = box.y + 100;
    await page.mouse.move(box.x + 0.3 * box.width, y);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.5 * box.width, y, { steps: 3 });
    await page.mouse.up();
    const zoomed = await page.locator("#chart-cpu-busy .marks").getAttribute("viewBox");
    expect(Number(zoomed?.split(" ")[2])).toBeGreaterThan(100);
    expect(Number(zoomed?.split(" ")[2])).toBeLessThan(300);
  });
});

test("the report drags out a stretch of time with a finger that holds still first, and scrolls with one that does not", async () => {
  await withReport({ ...phone, hasTouch: true, isMobile: true }, async (page) => {
    const picture = page.locator(".picture:has(#chart-cpu-busy)");
    await picture.scrollIntoViewIfNeeded();
    const box = await picture.boundingBox();
    if (box === null) throw new Error("Cannot drag: the chart is not shown");
    const hint =
      'getComputedStyle(document.querySelector(".picture:has(#chart-cpu-busy)~.readout"),"::before").content';
    expect(await page.evaluate<string>(hint)).toContain("Hold, then drag");
    const client = await page.context().newCDPSession(page);
    const touch = async (type: "touchStart" | "touchMove" | "touchEnd", x = 0, y = 0) => {
      const at = { x: box.x + x * box.width, y: box.y + y };
      await client.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: type === "touchEnd" ? [] : [at],
      });
    };
    const viewBox = () => page.locator("#chart-cpu-busy .marks").getAttribute("viewBox");
    const scrolled = () => page.evaluate<number>("scrollY");
    const [whole, before] = [await viewBox(), await scrolled()];

    await touch("touchStart", 0.3, 100);
    await page.locator("#chart-cpu-busy .selection").waitFor({ state: "attached" });
    for (const x of [0.35, 0.4, 0.5]) await touch("touchMove", x, 100 - 100 * x);
    await touch("touchEnd");
    await expect.poll(viewBox).not.toBe(whole);
    const zoomed = await viewBox();
    expect(Number(zoomed?.split(" ")[2])).toBeGreaterThan(100);
    expect(Number(zoomed?.split(" ")[2])).toBeLessThan(300);
    expect(await scrolled()).toBe(before);

    await touch("touchStart", 0.5, 150);
    for (const y of [130, 100, 70, 40]) await touch("touchMove", 0.5, y);
    await touch("touchEnd");
    await expect.poll(scrolled).toBeGreaterThan(before);
    expect(await viewBox()).toBe(zoomed);
  });
});

test("the report follows the reader's theme and lets it be changed, without storing anything", async () => {
  await withReport({ ...desk, colorScheme: "dark" }, async (page) => {
    const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const dark = await paper();
    await page.getByRole("button", { name: "Light colours" }).click();
    expect(await paper()).toBe("rgb(255, 255, 255)");
    await page.getByRole("button", { name: "Dark colours" }).click();
    expect(await paper()).toBe(dark);
    await page.emulateMedia({ media: "print" });
    expect(await paper()).toBe("rgb(255, 255, 255)");
  });
});

test("the report's checks go on over pages of paper, and begin where there is room", async () => {
  await withReport(desk, async (page) => {
    await page.evaluate(`{
      const checks = document.getElementById("checks");
      document.querySelector(".page").replaceChildren(document.createElement("p"), checks);
      document.querySelector(".page > p").style.height = "20mm";
      // More than a page of them, as of a machine with all that there is.
      const list = checks.querySelector("dl");
      list.append(...[...list.children].flatMap((one) => [1, 2, 3].map(() => one.cloneNode(true))));
    }`);
    const first = await readPdfText(await page.pdf({ format: "A4", pageRanges: "1" }));
    expect(first).toMatch(/Checks\s+CHECKED AND IN ORDER\s+CPU/);
    expect(first).not.toMatch(/NOT JUDGED\s*$/);
  });
});

test("the report names nothing on another machine", async () => {
  const html = await readFile(report, "utf8");
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/(src|href)="(?!#|data:)/);
});

test("a comparison by markers counts from them, on its axis, under the cursor and zoomed in", async () => {
  const [data, path] = [join(folder, "web-01.csv"), join(folder, "comparison.html")];
  const names = ["before the upgrade of the disks", "after the upgrade of the disks"];
  const captures = ["02:00", "04:00"].flatMap((time, at) => [
    `--data-file=${data}`,
    `--marker=2026-03-02T${time}:00Z`,
    `--label=${names[at]}`,
  ]);
  const how = ["--compare", "--align=marker", `--output=${path}`];
  await runOk("perf-report", [...how, ...captures]);
  await withReport(
    desk,
    async (page) => {
      // What differs and how it is judged is seen without scrolling, whatever the captures are called.
      const wider =
        "[...document.querySelectorAll('.table')].filter((one) => one.scrollWidth > one.clientWidth).length";
      expect(await page.evaluate<number>(wider)).toBe(0);
      const busy = page.locator("figure:has(#chart-compare-cpu-busy)");
      expect(await busy.locator(".x-axis text").allTextContents()).toContain("0");
      await busy.locator(".picture").focus();
      for (let step = 0; step < 60; step++) await page.keyboard.press("Shift+ArrowLeft");
      const atStart = /^−1\sh\s\d+\smin · before .* · after .* %$/;
      expect(await busy.locator(".readout").textContent()).toMatch(atStart);
      await page.keyboard.press("+");
      expect(await busy.locator(".zoom").textContent()).toMatch(/^Shown: −2\sh – /);
      const ticks = await busy.locator(".x-axis text").allTextContents();
      expect(ticks[0]).toMatch(/^−2\sh$/);
    },
    path,
  );
});
