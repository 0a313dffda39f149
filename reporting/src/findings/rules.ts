import { batchCollision } from "./capacity/batch-collision.ts";
import { cpuOversized } from "./capacity/cpu-oversized.ts";
import { cpuUndersized } from "./capacity/cpu-undersized.ts";
import { growthTrend } from "./capacity/growth-trend.ts";
import { memoryOversized } from "./capacity/memory-oversized.ts";
import { peakHour } from "./capacity/peak-hour.ts";
import { containerMemoryLimit } from "./container/container-memory-limit.ts";
import { containerOom } from "./container/container-oom.ts";
import { containerThrottling } from "./container/container-throttling.ts";
import { noisyContainer } from "./container/noisy-container.ts";
import { cpuSaturation } from "./cpu/cpu-saturation.ts";
import { cpuSteal } from "./cpu/cpu-steal.ts";
import { diskImbalance } from "./disk/disk-imbalance.ts";
import { diskSaturation } from "./disk/disk-saturation.ts";
import { diskSlow } from "./disk/disk-slow.ts";
import { smallRandomIo } from "./disk/small-random-io.ts";
import { filesystemFilling } from "./filesystem/filesystem-filling.ts";
import { filesystemInodes } from "./filesystem/filesystem-inodes.ts";
import { filesystemSpace } from "./filesystem/filesystem-space.ts";
import type { Rule } from "./finding.ts";
import { memoryExhaustion } from "./memory/memory-exhaustion.ts";
import { listenDrops } from "./network/listen-drops.ts";
import { networkDrops } from "./network/network-drops.ts";
import { networkErrors } from "./network/network-errors.ts";
import { networkSaturation } from "./network/network-saturation.ts";
import { socketPileup } from "./network/socket-pileup.ts";
import { tcpRetransmits } from "./network/tcp-retransmits.ts";

/** Every rule, resource by resource; the report lists in this order what it found in order. */
export const rules: readonly Rule[] = [
  cpuSaturation,
  cpuSteal,
  memoryExhaustion,
  diskSaturation,
  diskSlow,
  smallRandomIo,
  diskImbalance,
  networkSaturation,
  networkErrors,
  networkDrops,
  tcpRetransmits,
  listenDrops,
  socketPileup,
  filesystemSpace,
  filesystemFilling,
  filesystemInodes,
  containerOom,
  containerMemoryLimit,
  containerThrottling,
  noisyContainer,
  batchCollision,
  peakHour,
  growthTrend,
  cpuUndersized,
  cpuOversized,
  memoryOversized,
];
