import type { FormatReader } from "../capture/read.ts";
import { createCollectlReader } from "./collectl.ts";
import { createCsvReader } from "./csv.ts";
import type { ImportOptions } from "./import-reader.ts";
import { createNmonReader } from "./nmon.ts";
import { createPmrepReader } from "./pmrep.ts";
import { createSadfReader } from "./sadf.ts";

/** Readers of what is no capture: the CSV standard, and what other tools write. */
export const importFormats = {
  csv: createCsvReader,
  sadf: createSadfReader,
  pmrep: createPmrepReader,
  collectl: createCollectlReader,
  nmon: createNmonReader,
} as const satisfies Record<string, (options: ImportOptions) => FormatReader>;
