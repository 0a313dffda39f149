// A real Chromium from npm packages alone, for tests that must see what a person sees.
import chromiumBinary from "@sparticuz/chromium";
import { chromium, type Browser } from "playwright-core";

/**
 * Opens a headless Chromium. The binary comes from @sparticuz/chromium, but not its default arguments:
 * `--single-process` and `--disable-web-security` would make it another browser than the one people use.
 * CHROMIUM_PATH names another binary. The caller closes it.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"] ?? (await chromiumBinary.executablePath());
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
