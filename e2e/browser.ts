// A real Chromium from npm packages alone, for tests that must see what a person sees.
import { inflate } from "@sparticuz/chromium";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

/**
 * Opens a headless Chromium; the caller closes it. CHROMIUM_PATH names another binary than the one from npm.
 * The package's own default arguments are left out: `--single-process` and `--disable-web-security` would make
 * it another browser than the one people use.
 */
export async function openBrowser(): Promise<Browser> {
  const { CHROMIUM_PATH: ownPath, ...env } = process.env;
  const folder = ownPath === undefined ? await unpackChromium() : null;
  return chromium.launch({
    executablePath: folder === null ? String(ownPath) : join(folder, "chromium"),
    headless: true,
    env: { ...definedOnly(env), ...(folder === null ? {} : await missingParts(folder)) },
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

/**
 * Unpacks the binary once a user and version (told apart by its packed size). Made beside its place and renamed into it, so that tests that
 * start at the same time never see half of it, and one user's copy is never in another's way.
 */
async function unpackChromium(): Promise<string> {
  const packageFile = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const packed = join(dirname(packageFile), "..", "bin");
  const { size } = await stat(join(packed, "chromium.br"));
  const folder = join(tmpdir(), `perfanalysis-chromium-${size}-${userInfo().uid}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(`${folder}-`);
  for (const part of ["chromium.br", "fonts.tar.br", "al2023.tar.br"]) {
    await inflateInto(fresh, join(packed, part));
  }
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

/** The package unpacks to the temporary folder, which it asks for before its first await. */
async function inflateInto(folder: string, archive: string): Promise<void> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  const done = inflate(archive);
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  await done;
}

/** Fonts and libraries come with the package for machines that have none of their own. */
async function missingParts(folder: string): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  if (!existsSync("/etc/fonts/fonts.conf")) parts["FONTCONFIG_PATH"] = join(folder, "fonts");
  const { stdout } = await promisify(execFile)("ldd", [join(folder, "chromium")]);
  if (stdout.includes("not found")) parts["LD_LIBRARY_PATH"] = join(folder, "al2023", "lib");
  return parts;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
