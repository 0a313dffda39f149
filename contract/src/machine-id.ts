const pattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** Whether `text` may name a machine: 1–64 letters, digits, `_` or `-`. */
export function isMachineId(text: string): boolean {
  return pattern.test(text);
}
