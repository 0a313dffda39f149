import type { FormatReader } from "../capture/read.ts";
import { createCollectlReader } from "./collectl.ts";
import type { ImportOptions } from "./import-reader.ts";
import { createNmonReader } from "./nmon.ts";
import { createPmrepReader } from "./pmrep.ts";
import { createSadfReader } from "./sadf.ts";

/** Readers of what other tools write. */
export const importFormats = {
  sadf: createSadfReader,
  pmrep: createPmrepReader,
  collectl: createCollectlReader,
  nmon: createNmonReader,
} as const satisfies Record<string, (options: ImportOptions) => FormatReader>;
