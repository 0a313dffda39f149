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
import { cpuImbalance } from "./cpu/cpu-imbalance.ts";
import { cpuInterrupts } from "./cpu/cpu-interrupts.ts";
import { cpuIowait } from "./cpu/cpu-iowait.ts";
import { cpuSaturation } from "./cpu/cpu-saturation.ts";
import { cpuSteal } from "./cpu/cpu-steal.ts";
import { cpuSystemShare } from "./cpu/cpu-system-share.ts";
import { collectorCost } from "./data/collector-cost.ts";
import { dataQuality } from "./data/data-quality.ts";
import { missedSamples } from "./data/missed-samples.ts";
import { diskImbalance } from "./disk/disk-imbalance.ts";
import { diskSaturation } from "./disk/disk-saturation.ts";
import { diskSlow } from "./disk/disk-slow.ts";
import { smallRandomIo } from "./disk/small-random-io.ts";
import { filesystemFilling } from "./filesystem/filesystem-filling.ts";
import { filesystemInodes } from "./filesystem/filesystem-inodes.ts";
import { filesystemSpace } from "./filesystem/filesystem-space.ts";
import type { Rule } from "./finding.ts";
import { contextSwitchStorm } from "./load/context-switch-storm.ts";
import { forkStorm } from "./load/fork-storm.ts";
import { loadHigh } from "./load/load-high.ts";
import { commitOverload } from "./memory/commit-overload.ts";
import { dirtyPages } from "./memory/dirty-pages.ts";
import { majorFaults } from "./memory/major-faults.ts";
import { memoryExhaustion } from "./memory/memory-exhaustion.ts";
import { memoryLeakSuspect } from "./memory/memory-leak-suspect.ts";
import { oomKills } from "./memory/oom-kills.ts";
import { slabGrowth } from "./memory/slab-growth.ts";
import { swapUsedIdle } from "./memory/swap-used-idle.ts";
import { swappingThrash } from "./memory/swapping-thrash.ts";
import { listenDrops } from "./network/listen-drops.ts";
import { networkDrops } from "./network/network-drops.ts";
import { networkErrors } from "./network/network-errors.ts";
import { networkSaturation } from "./network/network-saturation.ts";
import { socketPileup } from "./network/socket-pileup.ts";
import { tcpRetransmits } from "./network/tcp-retransmits.ts";
import { psiCpu } from "./pressure/psi-cpu.ts";
import { psiIo } from "./pressure/psi-io.ts";
import { psiMemory } from "./pressure/psi-memory.ts";

/** Every rule, resource by resource; the report lists in this order what it found in order. */
export const rules: readonly Rule[] = [
  cpuSaturation,
  cpuSteal,
  cpuIowait,
  cpuSystemShare,
  cpuImbalance,
  cpuInterrupts,
  loadHigh,
  contextSwitchStorm,
  forkStorm,
  memoryExhaustion,
  oomKills,
  swappingThrash,
  swapUsedIdle,
  majorFaults,
  memoryLeakSuspect,
  commitOverload,
  dirtyPages,
  slabGrowth,
  psiCpu,
  psiMemory,
  psiIo,
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
  dataQuality,
  missedSamples,
  collectorCost,
];
