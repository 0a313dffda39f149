// An import, and no reading of a file: that is how it gets into the packaged executable.
import packageJson from "../package.json" with { type: "json" };

/** The collector's version, from its package. */
export function readVersion(): string {
  return packageJson.version;
}
