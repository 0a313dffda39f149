import { messageOf } from "./message-of.ts";

/** What parseArgs found wrong, in one line; its advice for positional arguments that begin with a dash is for none of ours. */
export function describeArgumentError(cause: unknown): string {
  return messageOf(cause)
    .replace(/\. To specify a positional argument .*$/s, "")
    .replaceAll(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
}
