import type { SampleSink } from "./capture/write.ts";

const absence = /^(?:ENOENT|EOPNOTSUPP)\b|no tree of cgroups v2/;

/** What this kernel, or this machine, does not have is nothing to tell people each time: samples show it as gaps. */
export function isAbsence(error: string): boolean {
  return absence.test(error);
}

/** Tells people which sources cannot be read, and when they can again. */
export function createStatusReport(report: (message: string) => void): SampleSink {
  const failing = new Set<string>();
  return {
    tick() {},
    layout() {},
    status(_timeMs, { source, error }) {
      if (error === null) {
        // Of many, such as mounts, one that went is told in the same way.
        const orGone = source.includes(":") ? ", or gone" : "";
        if (failing.delete(source)) report(`${source} is sampled again${orGone}`);
      } else if (!isAbsence(error)) {
        failing.add(source);
        report(`${source} is not sampled: ${error}`);
      }
    },
    sample() {},
    close: () => Promise.resolve(),
  };
}
