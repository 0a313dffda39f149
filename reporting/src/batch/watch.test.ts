import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchFolder } from "./watch.ts";

async function startWatch({ slow = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "report-watch-"));
  const stop = new AbortController();
  const made: string[] = [];
  let underWay = 0;
  let release = (): void => {};
  await writeFile(join(folder, "there.csv"), "1");
  const ended = watchFolder(folder, {
    isInput: (name) => name.endsWith(".csv"),
    settleMs: 60,
    signal: stop.signal,
    async make(path) {
      underWay++;
      expect(underWay).toBe(1);
      if (slow) await new Promise<void>((done) => (release = done));
      made.push(basename(path));
      underWay--;
    },
  });
  onTestFinished(async () => {
    stop.abort();
    release();
    await ended;
    await rm(folder, { recursive: true });
  });
  return { folder, stop, made, ended, release: () => release(), underWay: () => underWay };
}

test("watchFolder() makes what is there, what comes, and what has changed, and nothing of other files", async () => {
  const { folder, made } = await startWatch();
  await vi.waitFor(() => expect(made).toEqual(["there.csv"]), 5000);
  await writeFile(join(folder, "notes.txt"), "1");
  await writeFile(join(folder, "moved.part"), "1");
  await rename(join(folder, "moved.part"), join(folder, "moved.csv"));
  await vi.waitFor(() => expect(made).toEqual(["there.csv", "moved.csv"]), 5000);
  await writeFile(join(folder, "there.csv"), "22");
  await vi.waitFor(() => expect(made).toEqual(["there.csv", "moved.csv", "there.csv"]), 5000);
});

test("watchFolder() finishes what is under way when it is told to end, and begins nothing more", async () => {
  const { folder, stop, made, ended, release, underWay } = await startWatch({ slow: true });
  await vi.waitFor(() => expect(underWay()).toBe(1), 5000);
  await writeFile(join(folder, "later.csv"), "1");
  stop.abort();
  release();
  await ended;
  expect(made).toEqual(["there.csv"]);
});
