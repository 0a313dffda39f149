// What people are told of sources that cannot be read.
import { countOf } from "./count-of.ts";

/** Sources that fail for one reason. */
export interface FailureGroup {
  /** `mounts:/srv`, or `5 mounts`. */
  subject: string;
  /** The verb that goes with the subject. */
  verb: "is" | "are";
  /** Why, and of several which. */
  error: string;
}

/** So many of a group are named. */
const mostNamed = 3;

/**
 * Those of one kind – what stands before a colon, as in `mounts:/srv` – that fail alike are one group: an ordinary user may not look
 * into many a mount.
 */
export function groupFailures(
  failures: Iterable<readonly [source: string, error: string]>,
): FailureGroup[] {
  const groups = new Map<string, { kind: string; why: string; sources: string[]; error: string }>();
  for (const [source, error] of failures) {
    const [kind = "", ...names] = source.split(":");
    // What the system says ends with the call and its path, which the source names as well.
    const why = error.replace(/, \w+ '[^']*'$/, "");
    const key = names.length === 0 ? source : `${kind}:${why}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { kind, why, sources: [source], error });
    else known.sources.push(source);
  }
  return Array.from(groups.values(), ({ kind, why, sources, error }) => {
    const [only = ""] = sources;
    if (sources.length === 1) return { subject: only, verb: "is", error };
    const names = sources.map((source) => source.slice(kind.length + 1));
    return {
      subject: countOf(sources.length, kind.replace(/s$/, "")),
      verb: "are",
      error: `${why} (${listNames(names)})`,
    };
  });
}

function listNames(names: readonly string[]): string {
  const named = names.slice(0, mostNamed).join(", ");
  const rest = names.length - mostNamed;
  return rest > 0 ? `${named} and ${countOf(rest, "other")}` : named;
}
