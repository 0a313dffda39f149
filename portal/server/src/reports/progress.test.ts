import type { ReportProgress } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { followProgress } from "./progress.ts";

/** A hundred seconds of samples; the clock stands still unless it is set, and each note waits until it is let go. */
function follow() {
  const clock = { ms: 0 };
  const noted: ReportProgress[] = [];
  let letGo = () => undefined as void;
  const note = (progress: ReportProgress) => {
    noted.push(progress);
    return new Promise<void>((done) => (letGo = done));
  };
  const following = followProgress({ fromS: 1000, toS: 1100 }, note, () => clock.ms);
  const finishNote = async () => {
    letGo();
    await new Promise((done) => setImmediate(done));
  };
  return { following, clock, noted, finishNote };
}

test("followProgress() notes reading by time, judging and writing as they begin", async () => {
  const { following, clock, noted, finishNote } = follow();
  const steps = [
    () => following.onStage("reading"),
    () => following.onTime(1050),
    () => following.onStage("judging"),
    () => following.onTime(1099),
    () => following.onStage("writing"),
  ];
  for (const step of steps) {
    step();
    await finishNote();
    clock.ms += 1000;
  }
  expect(noted).toEqual([
    { stage: "reading", percent: 0 },
    { stage: "reading", percent: 30 },
    { stage: "judging", percent: 60 },
    { stage: "writing", percent: 80 },
  ]);
});

test("followProgress() notes at most twice a second, and one thing at a time", async () => {
  const { following, clock, noted, finishNote } = follow();
  following.onTime(1010);
  clock.ms = 600;
  following.onTime(1020);
  await finishNote();
  following.onTime(1030);
  await finishNote();
  clock.ms = 700;
  following.onTime(1040);
  await finishNote();
  expect(noted.map(({ percent }) => percent)).toEqual([6, 18]);
});

test("followProgress() lets the last note end, and notes nothing more", async () => {
  const { following, noted, finishNote } = follow();
  following.onStage("writing");
  let isSettled = false;
  const settled = following.settle().then(() => (isSettled = true));
  await new Promise((done) => setImmediate(done));
  expect(isSettled).toBe(false);
  await finishNote();
  await settled;
  following.onStage("judging");
  expect(noted).toHaveLength(1);
});

test("followProgress() goes on where a note fails", async () => {
  const following = followProgress({ fromS: 0, toS: 1 }, () => Promise.reject(new Error("lost")));
  following.onStage("reading");
  await expect(following.settle()).resolves.toBeUndefined();
});
