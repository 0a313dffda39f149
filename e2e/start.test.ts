// npm start as a person meets it: sign in, watch this machine live, open its report, end it, start again.
import { readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { startRunning, type Running } from "./binaries.ts";
import { openBrowser } from "./browser.ts";
import { makeFolder } from "./folder.ts";

let folder: string;
let browser: Browser;
let system: Running;

beforeAll(async () => {
  folder = await makeFolder("start");
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a newcomer signs in, watches this machine live and opens its report", async () => {
  system = startSystem(await freePort());
  const url = String((await system.line(/Open +(http:\S+)/))[1]);
  const email = String((await system.line(/Sign in +(\S+@\S+)/))[1]);
  const password = String((await system.line(/Password +(\S+)$/))[1]);

  const page = await browser.newPage({ locale: "en-GB" });
  const problems = watchProblems(page);
  await page.goto(url);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();

  // One machine: this one, measured every second.
  await page.getByRole("link", { name: hostname() }).click();
  await page.getByTestId("live-status").filter({ hasText: "Live" }).waitFor();
  // All tiles together: on a fully loaded machine CPU busy alone stays at 100 %.
  const tiles = page.getByTestId(/^live-(?:cpu|memory|disk|load)$/);
  const seen = new Set<string>();
  await expect
    .poll(async () => seen.add((await tiles.allInnerTexts()).join()).size, {
      timeout: 30_000,
      interval: 500,
    })
    .toBeGreaterThanOrEqual(3);

  await page.getByTestId("make-report").click();
  const link = page.getByTestId("report-link").first();
  await link.waitFor({ timeout: 60_000 });
  const [report] = await Promise.all([page.waitForEvent("popup"), link.click()]);
  await report.getByRole("heading", { level: 1 }).waitFor();
  expect(await report.locator("svg").count()).toBeGreaterThanOrEqual(4);
  expect(problems).toEqual([]);
  await page.context().close();
});

test("Ctrl-C ends every process, and the next start has the data and the sign-in still", async () => {
  expect(await system.stop("SIGINT")).toBe(0);
  expect(system.lines.join("\n")).toContain("Ended");
  expect(await processesOn(folder)).toEqual([]);

  system = startSystem(await freePort());
  await system.line(/Password +as printed at the first start/);
  expect(await system.stop("SIGINT")).toBe(0);
  expect(await processesOn(folder)).toEqual([]);
});

test("a port in use is a clear message and the next free port", async () => {
  const port = await freePort();
  const taken = createServer().listen(port, "127.0.0.1");
  try {
    system = startSystem(port);
    await system.line(new RegExp(`port ${port} is in use`, "i"));
    const [, used] = await system.line(/Open +http:\/\/[^:]+:(\d+)/);
    expect(Number(used)).toBeGreaterThan(port);
    expect(await system.stop("SIGINT")).toBe(0);
  } finally {
    taken.close();
  }
});

function startSystem(port: number): Running {
  return startRunning("start/main.ts", ["--port", String(port), "--state", join(folder, "state")]);
}

/** What went wrong in the page: script errors, refused content, failed requests of the page's own. */
function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // The page asks who is signed in and learns that nobody is.
    const isFirstQuestion =
      message.text().includes("401") && message.location().url.endsWith("/me");
    if (message.type() === "error" && !isFirstQuestion) problems.push(message.text());
  });
  return problems;
}

async function processesOn(path: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return commandLines.filter((line) => line.includes(path));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
