import type { SampleSink } from "./capture/write.ts";

/** What this kernel, or this machine, does not have is nothing to tell people each time: samples show it as gaps. */
const absence = /^(?:ENOENT|EOPNOTSUPP)\b|no tree of cgroups v2/;

/** Tells people which sources cannot be read, and when they can again. */
export function createStatusReport(report: (message: string) => void): SampleSink {
  const failing = new Set<string>();
  return {
    tick() {},
    layout() {},
    status(_timeMs, { source, error }) {
      if (error === null) {
        if (failing.delete(source)) report(`${source} is sampled again`);
      } else if (!absence.test(error)) {
        failing.add(source);
        report(`${source} is not sampled: ${error}`);
      }
    },
    sample() {},
    close: () => Promise.resolve(),
  };
}
