/** Bytes of the store are not what the encoder makes. */
export function fail(why: string, cause?: unknown): never {
  throw new SyntaxError(`Cannot decode samples: ${why}`, { cause });
}
