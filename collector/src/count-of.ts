// Numbers of things in messages.

/** `1,234,567` */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1,200 disks`, `1 disk` */
export function countOf(count: number, name: string, plural = `${name}s`): string {
  return `${formatCount(count)} ${count === 1 ? name : plural}`;
}
