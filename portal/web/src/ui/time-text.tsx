import { createContext, use } from "react";
import { renderUtc, type Times } from "./times.ts";

export const TimesContext = createContext<Times | null>(null);

/** Renders times in the reader's zone. */
export function useTimes(): Times {
  const times = use(TimesContext);
  if (times === null) throw new Error("Cannot render times: there is no TimesContext around");
  return times;
}

/** A time in the reader's zone, with UTC on hover. */
export function TimeText({ timeS }: { timeS: number }) {
  const times = useTimes();
  return (
    <time dateTime={new Date(timeS * 1000).toISOString()} title={renderUtc(timeS)}>
      {times.full(timeS)}
    </time>
  );
}
