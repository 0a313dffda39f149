import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const defaultBytes = 120 * 2 ** 20;

/**
 * To be told of each large array that is about to be made; frees those that nobody holds any more whenever `everyBytes` have
 * come together. V8 by itself lets arrays of 64 MB and more lie about, since it minds its own heap, in which they are not.
 */
export function createGarbageLimit(everyBytes = defaultBytes): (bytes: number) => void {
  let collect: (() => void) | null = null;
  let made = 0;
  return (bytes) => {
    made += bytes;
    if (made < everyBytes) return;
    made = 0;
    collect ??= findCollector();
    collect();
  };
}

function findCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  // With the flag it is V8's function; a runtime without it does without.
  return typeof found === "function" ? (found as () => void) : () => {};
}
