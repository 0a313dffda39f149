import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

function createShown(totalBytes: number): {
  shown: string[];
  progress: ReturnType<typeof createProgress>;
  pass: (durationMs: number) => void;
} {
  let timeMs = 0;
  const shown: string[] = [];
  const progress = createProgress({
    totalBytes,
    write: (text) => shown.push(text),
    now: () => timeMs,
  });
  return { shown, progress, pass: (durationMs) => (timeMs += durationMs) };
}

test("createProgress() shows nothing in the first second", async () => {
  const { shown, progress, pass } = createShown(100);
  pass(900);
  await progress.advance(50);
  progress.end();
  expect(shown).toEqual([]);
});

test("createProgress() counts over several passes, and takes its line away at the end", async () => {
  const { shown, progress, pass } = createShown(200);
  pass(1000);
  await progress.advance(50);
  await progress.advance(60);
  pass(200);
  await progress.advance(100);
  pass(200);
  await progress.advance(20);
  progress.end();
  expect(shown).toEqual([
    "\rconverting … 25 %",
    "\rconverting … 50 %",
    "\rconverting … 60 %",
    "\r\u001b[K",
  ]);
});
