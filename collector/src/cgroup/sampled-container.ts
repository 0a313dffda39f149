import { join } from "node:path";
import { messageOf } from "../message-of.ts";
import type { ByteText } from "../procfs/in-place/byte-text.ts";
import { KernelFileHandle } from "../sampling/kernel-file.ts";
import { containerFields } from "./container-fields.ts";
import type { ContainerFile } from "./container-files.ts";
import type { ContainerCgroup } from "./container-name.ts";

interface SampledFile {
  file: ContainerFile;
  handle: KernelFileHandle;
  /** Its controller is not enabled; it may be, the next time that limits are read. */
  isAbsent: boolean;
}

/** The files of one container's cgroup, and what was read of them last. */
export class SampledContainer {
  readonly cgroup: ContainerCgroup;
  /** By which columns call it. */
  readonly name: string;
  readonly values = new Float64Array(containerFields.length).fill(Number.NaN);
  /** Why something of it could not be read, other than that it is not there. */
  error: string | null = null;
  isGone = false;
  private readonly files: SampledFile[];

  constructor(
    folder: string,
    {
      cgroup,
      name,
      files,
      keptBelow,
    }: {
      cgroup: ContainerCgroup;
      name: string;
      files: readonly ContainerFile[];
      /** Descriptors from here on are not kept. */
      keptBelow: number;
    },
  ) {
    this.cgroup = cgroup;
    this.name = name;
    this.files = files.map((file) => ({
      file,
      handle: new KernelFileHandle(join(folder, file.name), keptBelow, { inOnePiece: true }),
      isAbsent: false,
    }));
  }

  /** Reads its files, those of limits only where they are asked for, and answers false where the container is gone. */
  read(text: ByteText, { limits }: { limits: boolean }): boolean {
    this.error = null;
    for (let index = 0; index < this.files.length; index += 1) {
      const sampled = this.files[index];
      if (sampled === undefined) break;
      if (!limits && (sampled.isAbsent || sampled.file.parseInPlace === null)) continue;
      try {
        sampled.handle.read(text);
        sampled.isAbsent = false;
        this.parse(sampled.file, text);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : null;
        this.clear(sampled.file);
        const isGone = code === "ENOENT" || code === "ENODEV";
        // The kernel has the first file as long as the cgroup.
        if (isGone && index === 0) {
          this.isGone = true;
          return false;
        }
        sampled.isAbsent = isGone || code === "EOPNOTSUPP";
        if (!sampled.isAbsent) this.error ??= messageOf(error);
      }
    }
    return true;
  }

  close(): void {
    for (const { handle } of this.files) handle.close();
  }

  /** @throws SyntaxError naming the file. */
  private parse(file: ContainerFile, text: ByteText): void {
    if (file.parseInPlace?.(text, this.values, file.first) === true) return;
    const fields = file.parse(text.toString());
    for (const [index, field] of file.fields.entries()) {
      this.values[file.first + index] = fields[field] ?? Number.NaN;
    }
  }

  private clear({ first, fields }: ContainerFile): void {
    this.values.fill(Number.NaN, first, first + fields.length);
  }
}
