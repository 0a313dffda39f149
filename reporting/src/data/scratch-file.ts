import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Numbers that memory has no room for, by the place where they begin. Goes away with the process, however that ends. */
export interface ScratchFile {
  /** Appends; answers the place. Throws the system's error, such as ENOSPC; what was written before stays readable. */
  append(values: Float64Array): number;
  /** Fills `values`. */
  read(place: number, values: Float64Array): void;
}

const registry = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** Throws the system's error where the folder takes no file. */
export function openScratchFile(folder = tmpdir()): ScratchFile {
  const path = join(folder, `perf-report-${randomBytes(8).toString("hex")}`);
  const descriptor = openSync(path, "wx+", 0o600);
  // Without a name it is nobody's to find, and no crash leaves it behind.
  rmSync(path);
  let end = 0;
  const file: ScratchFile = {
    append(values) {
      const place = end;
      transfer(values, (bytes, done) =>
        writeSync(descriptor, bytes, done, bytes.length - done, place + done),
      );
      end = place + values.byteLength;
      return place;
    },
    read(place, values) {
      transfer(values, (bytes, done) =>
        readSync(descriptor, bytes, done, bytes.length - done, place + done),
      );
    },
  };
  registry.register(file, descriptor);
  return file;
}

function transfer(values: Float64Array, move: (bytes: Uint8Array, done: number) => number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) {
    const moved = move(bytes, done);
    if (moved === 0) throw new RangeError("Cannot read set-aside samples: the file is too short");
    done += moved;
  }
}
