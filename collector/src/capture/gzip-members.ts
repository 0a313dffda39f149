// What is whole of a damaged gzip file: its members, each with a checksum of its own. pcc's closed captures have many (compress.ts), and
// so has what was put together with cat. https://www.rfc-editor.org/rfc/rfc1952
import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createGunzip, inflateRawSync } from "node:zlib";

const magic = Buffer.from([0x1f, 0x8b, 0x08]);
/** CRC and length of what a member unzips to. */
const trailerBytes = 8;

/** zlib's error where the data is damaged, and not only cut off; null where it is not. */
export async function findDamage(path: string): Promise<unknown> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const unzip = createGunzip();
  try {
    await pipeline(createReadStream(path), unzip, nowhere);
    await checkRest(path, unzip.bytesWritten);
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      if (error.code === "Z_DATA_ERROR") return error;
      if (error.code === "Z_BUF_ERROR") return null;
    }
    throw error;
  }
}

/** Behind which byte zlib found the damage, or a little less; null where only the checksum at the end tells of it. */
export async function findDamagedByte(path: string): Promise<number | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const unzip = createGunzip();
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1024 }), unzip, nowhere);
    return null;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "Z_DATA_ERROR")
      throw error;
    return /\bcheck$/.test(error.message) ? null : unzip.bytesWritten;
  }
}

/**
 * zlib ends without a word where a member is not followed by another: whatever else stands there was one, except for padding.
 * @throws an error as zlib's of damaged data.
 */
export async function checkRest(path: string, unzippedBytes: number): Promise<void> {
  for await (const chunk of createReadStream(path, { start: unzippedBytes })) {
    // A stream without an encoding gives buffers.
    if ((chunk as Buffer).every((byte) => byte === 0)) continue;
    const message = `no gzip data stands behind byte ${unzippedBytes}`;
    throw Object.assign(new Error(message), { code: "Z_DATA_ERROR" });
  }
}

/** The unzipped members that are whole, in their order; null stands for whatever is damaged between them. */
export function* listMembers(file: Buffer): Generator<Buffer | null> {
  let isDamaged = false;
  for (let at = 0; at !== -1 && at < file.length;) {
    const member = readMember(file, at);
    if (member !== null) {
      yield member.bytes;
      isDamaged = false;
      at = member.end;
      continue;
    }
    if (!isDamaged) yield null;
    isDamaged = true;
    at = file.indexOf(magic, at + 1);
  }
}

/** null where no member begins there, or it is not whole. */
function readMember(file: Buffer, start: number): { bytes: Buffer; end: number } | null {
  const from = findData(file, start);
  if (from === null) return null;
  try {
    const unzipped: unknown = inflateRawSync(file.subarray(from), { info: true });
    // What `info` gives, which the types do not tell: https://nodejs.org/api/zlib.html#class-options
    const { buffer, engine } = unzipped as { buffer: Buffer; engine: { bytesWritten: number } };
    const trailer = from + engine.bytesWritten;
    if (trailer + trailerBytes > file.length) return null;
    if (file.readUInt32LE(trailer) !== crc32(buffer)) return null;
    if (file.readUInt32LE(trailer + 4) !== buffer.length % 2 ** 32) return null;
    return { bytes: buffer, end: trailer + trailerBytes };
  } catch {
    return null;
  }
}

/** Where a member's compressed data begins, behind its header. */
function findData(file: Buffer, start: number): number | null {
  const flags = file[start + magic.length] ?? 0xff;
  if (!file.subarray(start, start + magic.length).equals(magic) || flags > 0x1f) return null;
  let at = start + 10;
  if ((flags & 4) !== 0) at += 2 + (file[at] ?? 0) + 256 * (file[at + 1] ?? 0);
  // A name and a comment, each with a NUL behind it.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = file.indexOf(0, at);
    if (end === -1) return null;
    at = end + 1;
  }
  return (flags & 2) === 0 ? at : at + 2;
}
