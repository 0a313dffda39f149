/** What went wrong, for a message that says already what could not be done: without the error's kind before it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
