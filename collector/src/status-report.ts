import type { SampleSink } from "./capture/write.ts";
import { groupFailures } from "./failed-sources.ts";

const absence = /^(?:ENOENT|EOPNOTSUPP)\b|no tree of cgroups v2/;

/** What this kernel, or this machine, does not have is nothing to tell people each time: samples show it as gaps. */
export function isAbsence(error: string): boolean {
  return absence.test(error);
}

/** Tells people which sources cannot be read, and when they can again; those of one sample that fail alike in one line. */
export function createStatusReport(report: (message: string) => void): SampleSink {
  const failing = new Set<string>();
  /** Since the last sample; null: it can be read again. */
  const changed = new Map<string, string | null>();
  const tell = (): void => {
    const mended: string[] = [];
    const failed: [string, string][] = [];
    for (const [source, error] of changed) {
      if (error !== null && !isAbsence(error)) {
        failing.add(source);
        failed.push([source, error]);
      } else if (error === null && failing.delete(source)) mended.push(source);
    }
    changed.clear();
    for (const { subject, verb, error } of groupFailures(mended.map((source) => [source, ""]))) {
      // Of many, such as mounts, one that went is told in the same way.
      const orGone = verb === "are" || subject.includes(":") ? ", or gone" : "";
      report(`${subject} ${verb} sampled again${orGone}${error}`);
    }
    for (const { subject, verb, error } of groupFailures(failed)) {
      report(`${subject} ${verb} not sampled: ${error}`);
    }
  };
  return {
    tick() {},
    layout() {},
    status(_timeMs, { source, error }) {
      changed.set(source, error);
    },
    sample: tell,
    close() {
      tell();
      return Promise.resolve();
    },
  };
}
