export interface Clock {
  /** Unix milliseconds by the wall clock, which people and daemons set. */
  wallMs(): number;
  /** Microseconds since the machine booted, by a clock that nobody sets. */
  monotonicUs(): number;
  /** Ends early when the signal comes. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: Date.now,
  monotonicUs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e6 + Math.floor(nanoseconds / 1000);
  },
  sleep(durationMs, signal) {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, durationMs);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  },
};
