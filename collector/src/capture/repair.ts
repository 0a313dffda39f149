// A capture without its damaged lines.
import { LineFile } from "./line-file.ts";
import { readCapture, type CaptureSummary } from "./read.ts";

/**
 * Copies every line that can be read, as it is; samples behind a damaged header or list of devices cannot.
 * @throws SyntaxError where the file is no capture, and ExitError where it cannot be read or written; then nothing is left behind.
 */
export async function repairCapture(
  path: string,
  output: string,
  { zipped, afterChunk }: { zipped: boolean; afterChunk: (bytesRead: number) => Promise<void> },
): Promise<CaptureSummary> {
  const file = new LineFile(output, { zipped });
  try {
    const summary = await readCapture(path, {
      name: path,
      skipDamaged: true,
      visitor: {
        run() {},
        layout() {},
        sample() {},
        line: (bytes, start, end) => file.write(bytes.subarray(start, end)),
        afterChunk,
      },
    });
    file.commit();
    return summary;
  } catch (error) {
    file.discard();
    throw error;
  }
}
