// Numbers of things in messages.

/** `1,234,567` */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1,200 disks`, `1 disk` */
export function countOf(count: number, name: string, plural = `${name}s`): string {
  return `${formatCount(count)} ${count === 1 ? name : plural}`;
}

/** `3 samples were`, `1 sample was`; `3 batches wait`, `1 batch waits` of another verb. */
export function countThat(
  count: number,
  name: string,
  {
    plural,
    verb = ["was", "were"],
  }: { plural?: string; verb?: readonly [one: string, many: string] } = {},
): string {
  return `${countOf(count, name, plural)} ${count === 1 ? verb[0] : verb[1]}`;
}
