// npm start as a person meets it: sign in, watch this machine live, open its report, end it, start again.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname, release } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { listBarriers } from "./accessibility.ts";
import { runOk, startRunning, type Running } from "./binaries.ts";
import { openBrowser } from "./browser.ts";
import { makeFolder } from "./folder.ts";
import { readPdfText } from "./pdf.ts";

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
  const { url, email, password } = await readSignIn(system);

  const page = await browser.newPage({ locale: "en-GB" });
  const problems = watchProblems(page);
  await page.goto(url);
  await page.getByLabel("Email").fill(email);
  expect(await listBarriers(page)).toEqual([]);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();

  // One machine: this one, measured every second.
  await page.getByRole("link", { name: hostname() }).waitFor();
  expect(await listBarriers(page)).toEqual([]);
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
  expect(await listBarriers(page)).toEqual([]);

  // CPU time of programs is the report's blue area, load its blue line.
  for (const chart of ["chart-cpu", "chart-load"]) {
    await expect
      .poll(() => page.evaluate<number>(countBlue(chart)), { timeout: 30_000 })
      .toBeGreaterThan(20);
  }

  // What this machine is came along with its samples.
  await page.getByText(release()).waitFor();

  await page.getByTestId("make-report").click();
  await page
    .getByText(/Waiting for its turn|Starting|Reading the samples|Judging them/)
    .first()
    .waitFor();
  const link = page.getByTestId("report-link").first();
  await link.waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: /^Delete the report/ }).click();
  await page.getByText("Delete this report for everyone?").waitFor();
  expect(await listBarriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Keep" }).click();

  // A form on a page that changes every second stays open until it is sent.
  await page.getByRole("button", { name: "Custom" }).click();
  const before = await page.getByTestId("newest-sample").innerText();
  await expect.poll(() => page.getByTestId("newest-sample").innerText()).not.toBe(before);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/[?&]from=\d+&to=\d+/);

  const [report] = await Promise.all([page.waitForEvent("popup"), link.click()]);
  await report.getByRole("heading", { level: 1 }).waitFor();
  await report.getByText(release()).first().waitFor();
  expect(await report.locator("svg").count()).toBeGreaterThanOrEqual(4);
  expect(await listBarriers(report)).toEqual([]);
  await report.close();

  const path = (await page.getByTestId("report-pdf-link").first().getAttribute("href")) ?? "";
  const pdf = await page.request.get(new URL(path, url).href);
  expect(pdf.headers()["content-type"]).toBe("application/pdf");
  expect(await readPdfText(await pdf.body())).toContain(hostname());

  await page.getByTestId("account-menu").click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  // Long enough for a live connection that was left over to be tried again.
  await page.waitForTimeout(1_500);
  expect(problems).toEqual([]);
  await page.context().close();
});

/** How many pixels of a chart are blue, as an expression for the page. */
function countBlue(chart: string): string {
  return `(() => {
    const canvas = document.querySelector("[data-testid=${chart}] canvas");
    if (canvas === null) return 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let blue = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 2] > data[at] + 80 && data[at + 3] > 100) blue++;
    return blue;
  })()`;
}

test("an administrator makes an enrolment token, a host uses it, and another is revoked", async () => {
  const { url, email, password } = await readSignIn(system);
  const context = await browser.newContext({
    locale: "en-GB",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const problems = watchProblems(page);
  await page.goto(`${url}/enrolment`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("None: no host can enrol now.").waitFor();
  expect(await listBarriers(page)).toEqual([]);

  await page.getByLabel("What it is for").fill("rack 7");
  await page.getByRole("button", { name: "Make token" }).click();
  const made = page.getByTestId("new-token");
  await made.getByText(`sudo pcctl enroll --portal ${url}`).waitFor();
  expect(await listBarriers(page)).toEqual([]);
  await made.getByRole("button", { name: "Copy" }).last().click();
  await made.getByRole("button", { name: "Copied" }).waitFor();
  const token = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(token).toMatch(/^pa_enrol_/);
  const row = page.getByRole("listitem").filter({ hasText: "rack 7" });
  await row.getByText("0 of 1 host").waitFor();

  await writeFile(join(folder, "rack-7.token"), token, { mode: 0o600 });
  const files = ["token-file", "rack-7.token", "key-file", "host.key", "config", "host.yaml"];
  const options = files.map((text, index) => (index % 2 === 0 ? `--${text}` : join(folder, text)));
  await runOk("pcctl", ["enroll", "--portal", url, "--machine-id", "web-77", ...options]);
  await row.waitFor({ state: "detached" });
  await made.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Machines", exact: true }).click();
  await page.locator('a[href="/machines/web-77"]').waitFor();

  // The token was shown once.
  await page.getByRole("link", { name: "Enrolment" }).click();
  await page.getByText("None: no host can enrol now.").waitFor();
  expect(await page.getByText(token).count()).toBe(0);
  await page.getByLabel("What it is for").fill("rack 8");
  await page.getByLabel("Hosts").fill("40");
  await page.getByRole("button", { name: "Make token" }).click();
  await page.getByText("0 of 40 hosts, 1 h left").waitFor();
  await page.getByRole("button", { name: "Revoke the token rack 8" }).click();
  await page.getByText("Let no more hosts in with it?").waitFor();
  expect(await listBarriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Revoke", exact: true }).last().click();
  await page.getByText("None: no host can enrol now.").waitFor();
  expect(problems).toEqual([]);
  await context.close();
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

test("a set-up that was interrupted is completed by the next start, which shows a password that works", async () => {
  const startedS = Math.floor(Date.now() / 1000);
  // Tenant and person are there, but nobody has seen the password, and the key was just being written.
  await rm(join(folder, "state", "demo.json"));
  await writeFile(join(folder, "state", "collector.key"), "");
  system = startSystem(await freePort());
  const { url, email, password } = await readSignIn(system);
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ email, password }),
  });
  expect(signIn.status).toBe(200);
  const cookie = signIn.headers.getSetCookie().join("; ").replace(/;.*/, "");
  // The collector's new key works as well: samples arrive.
  const newest = async (): Promise<number> => {
    const answer = await fetch(`${url}/api/v1/machines/${hostname()}`, { headers: { cookie } });
    return Date.parse(/"end":"([^"]+)"/.exec(await answer.text())?.[1] ?? "") / 1000;
  };
  await expect.poll(newest, { timeout: 20_000 }).toBeGreaterThan(startedS);
  expect(await system.stop("SIGINT")).toBe(0);
});

test("a start after all data was deleted is a first start again", async () => {
  await runOk("perf-portal", ["reset", "--yes", "--state-dir", join(folder, "state")]);
  system = startSystem(await freePort());
  await readSignIn(system);
  expect(await system.stop("SIGINT")).toBe(0);
  expect(await readFile(join(folder, "state", "start.log"), "utf8")).toContain("portal: Ready on");
});

test("everything ends when nobody reads what is printed any more", async () => {
  system = startSystem(await freePort());
  await system.line(/Start PostgreSQL and the portal …/);
  system.closeOutput();
  expect(await system.ended).toBe(0);
  expect(await processesOn(folder)).toEqual([]);
});

test("a program that ends by itself is named with what it said last, and takes the others along", async () => {
  system = startSystem(await freePort());
  await system.line(/Open +http/);
  const running: unknown = JSON.parse(
    await readFile(join(folder, "state", "running.json"), "utf8"),
  );
  process.kill(Number(Object(running).children[0]), "SIGKILL");
  expect(await system.ended).toBe(1);
  const text = system.lines.join("\n");
  expect(text).toMatch(/The portal ended by itself \(SIGKILL\)\. It said last:\n.*Ready on http/s);
  // Its PostgreSQL notices that nobody holds it any more.
  await expect.poll(() => processesOn(folder), { timeout: 20_000 }).toEqual([]);
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

async function readSignIn(running: Running) {
  return {
    url: String((await running.line(/Open +(http:\S+)/))[1]),
    email: String((await running.line(/Sign in +(\S+@\S+)/))[1]),
    password: String((await running.line(/Password +(\S+)$/))[1]),
  };
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

/** Processes that name the path in their command line or, like the collector, in their environment. */
async function processesOn(path: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const descriptions = await Promise.all(
    pids.map(async (pid) => {
      const [commandLine, environment] = await Promise.all(
        ["cmdline", "environ"].map((file) =>
          readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""),
        ),
      );
      return `${commandLine}${environment}`.includes(path) ? `${pid} ${commandLine}` : "";
    }),
  );
  return descriptions.filter((description) => description !== "");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
