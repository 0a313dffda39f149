import { cpuSaturation } from "./cpu/cpu-saturation.ts";
import { cpuSteal } from "./cpu/cpu-steal.ts";
import { diskSaturation } from "./disk/disk-saturation.ts";
import type { Rule } from "./finding.ts";
import { memoryExhaustion } from "./memory/memory-exhaustion.ts";

/** Every rule, resource by resource; the report lists in this order what it found in order. */
export const rules: readonly Rule[] = [cpuSaturation, cpuSteal, memoryExhaustion, diskSaturation];
