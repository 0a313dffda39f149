/** Anything before or from these times on is a unit mistaken or a clock never set. Unix seconds. */
export const firstTimeS = Date.UTC(2000, 0) / 1000;
export const endTimeS = Date.UTC(2101, 0) / 1000;

/** Whether a row of the CSV standard may have this time, in Unix seconds. */
export function isCsvTime(timeS: number): boolean {
  return timeS >= firstTimeS && timeS < endTimeS;
}
