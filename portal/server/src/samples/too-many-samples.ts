/** An answer would need more samples than one request may read. Nothing was read; a shorter range can be asked for. */
export class TooManySamples extends RangeError {
  override readonly name = "TooManySamples";

  constructor(why: string) {
    super(`Cannot read so many samples at once: ${why}`);
  }
}
