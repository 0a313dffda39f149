export interface Progress {
  /** Tells how many bytes of the present file and pass are read; a smaller number than before starts the next one. */
  advance: (bytesRead: number) => Promise<void>;
  /** There is more to read than was thought. */
  extend(bytes: number): void;
  /** Takes the line away. */
  end(): void;
}

const firstMs = 1000;
const everyMs = 200;

/** A line that shows how far a conversion of more than a second is; nothing where `write` is null: that is no terminal. */
export function createProgress({
  totalBytes,
  write,
  now,
}: {
  totalBytes: number;
  write: ((text: string) => void) | null;
  now: () => number;
}): Progress {
  let wholeBytes = totalBytes;
  let doneBytes = 0;
  let fileBytes = 0;
  let nextMs = now() + firstMs;
  let shown = false;
  return {
    advance(bytesRead) {
      if (bytesRead < fileBytes) doneBytes += fileBytes;
      fileBytes = bytesRead;
      if (write === null || now() < nextMs || wholeBytes === 0) return Promise.resolve();
      nextMs = now() + everyMs;
      shown = true;
      const percent = Math.min(100, Math.floor((100 * (doneBytes + fileBytes)) / wholeBytes));
      write(`\rconverting … ${percent} %`);
      return Promise.resolve();
    },
    extend(bytes) {
      wholeBytes += bytes;
    },
    end() {
      if (shown) write?.("\r\u001b[K");
    },
  };
}
