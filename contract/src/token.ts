// Format: pa_<kind>_<27 base62 digits: 160 random bits><CRC-32 as 6 base62 digits>. Recognisable by secret scanners
// (pa_(ingest|read|admin|enrol)_[0-9A-Za-z]{33}), and a mistyped key is refused without asking the database.
import { crc32 } from "node:zlib";
import type { Scope } from "./api.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomLength = 27;
const checksumLength = 6;
const keyPattern = /^pa_(?:ingest|read|admin)_[0-9A-Za-z]{33}$/;
const enrolmentPattern = /^pa_enrol_[0-9A-Za-z]{33}$/;

/** Must be cryptographically strong. */
type RandomBytes = (size: number) => Uint8Array;

/** A new key. Its kind tells what it may do at most. */
export function newToken(
  scopes: readonly Scope[],
  { randomBytes }: { randomBytes: RandomBytes },
): string {
  const kind = (["admin", "ingest", "read"] as const).find((scope) => scopes.includes(scope));
  if (kind === undefined) throw new RangeError("Cannot make a key without a scope");
  return makeToken(kind, randomBytes);
}

/** A new token for enrolling hosts, which is no key. */
export function newEnrolmentToken({ randomBytes }: { randomBytes: RandomBytes }): string {
  return makeToken("enrol", randomBytes);
}

/** Whether `text` can be a key at all. */
export function isToken(text: string): boolean {
  return keyPattern.test(text) && hasChecksum(text);
}

/** Whether `text` can be an enrolment token at all. */
export function isEnrolmentToken(text: string): boolean {
  return enrolmentPattern.test(text) && hasChecksum(text);
}

function makeToken(kind: Scope | "enrol", randomBytes: RandomBytes): string {
  let random = "";
  while (random.length < randomLength) {
    for (const byte of randomBytes(randomLength)) {
      // 248 is 4 × 62: bytes above it would make the first digits more likely.
      if (byte < 248 && random.length < randomLength) random += digits.charAt(byte % 62);
    }
  }
  const start = `pa_${kind}_${random}`;
  return start + checksum(start);
}

function hasChecksum(text: string): boolean {
  return checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let result = "";
  for (let index = 0; index < checksumLength; index++) {
    result = digits.charAt(rest % 62) + result;
    rest = Math.floor(rest / 62);
  }
  return result;
}
