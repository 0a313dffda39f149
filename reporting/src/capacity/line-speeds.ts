// How fast lines are: as whoever asks for the report says, else as the machine tells, unless its line carried more.
import type { InterfaceSpeeds } from "@perfanalysis/contract/host-facts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Minutes } from "../statistics/episodes.ts";

export interface LineSpeed {
  bytesPerS: number;
  /** A machine's kernel knows its line, and not what a provider lets through. */
  from: "user" | "machine";
}

/** What a machine tells of a line that carried more. */
export interface DoubtedSpeed {
  toldBytesPerS: number;
  /** In the busiest minute, in the direction that carried more. */
  carriedBytesPerS: number;
}

/** By interface, in each direction. Of one that is in neither, nobody told. */
export interface LineSpeeds {
  speeds: ReadonlyMap<string, LineSpeed>;
  doubtedSpeeds: ReadonlyMap<string, DoubtedSpeed>;
}

const bytesPerMegabit = 1e6 / 8;
/** Drivers count in lumps, and clocks are read beside them: beyond that no line carries more than it can. */
const mostCarriedRatio = 1.05;
/** Of the parts of a minute that a gap leaves, shorter ones may hold the lump of a longer time. */
const leastMeasuredS = 30;

/**
 * Bytes a second in one direction, by interface, of a text such as "eth0=1000, bond0=20000" in Mbit/s, as ethtool shows them.
 * Throws a RangeError that says how to write it.
 */
export function parseLineSpeeds(text: string): Map<string, number> {
  const speeds = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, name, megabits] = /^\s*([^\s=]+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    if (name === undefined || !(Number(megabits) > 0)) {
      throw new RangeError(
        `Cannot use network speeds "${text}": write interfaces and Mbit/s like "eth0=1000, eth1=10000"`,
      );
    }
    speeds.set(name, Number(megabits) * bytesPerMegabit);
  }
  return speeds;
}

/** Of the interfaces that the data has; what is given, in bytes a second, is believed whatever was carried. */
export function findLineSpeeds(
  dataset: Dataset,
  {
    interfaces,
    given,
    told,
  }: {
    interfaces: readonly string[];
    given: ReadonlyMap<string, number>;
    told: InterfaceSpeeds;
  },
): LineSpeeds {
  const toldMbps = new Map(Object.entries(told));
  const speeds = new Map<string, LineSpeed>();
  const doubtedSpeeds = new Map<string, DoubtedSpeed>();
  for (const name of interfaces) {
    const givenBytesPerS = given.get(name);
    const mbps = toldMbps.get(name);
    if (givenBytesPerS !== undefined) {
      speeds.set(name, { bytesPerS: givenBytesPerS, from: "user" });
    } else if (mbps !== undefined) {
      const toldBytesPerS = mbps * bytesPerMegabit;
      const carriedBytesPerS = mostCarried(dataset, name);
      if (carriedBytesPerS > mostCarriedRatio * toldBytesPerS) {
        doubtedSpeeds.set(name, { toldBytesPerS, carriedBytesPerS });
      } else {
        speeds.set(name, { bytesPerS: toldBytesPerS, from: "machine" });
      }
    }
  }
  return { speeds, doubtedSpeeds };
}

/** Bytes a second; 0 where nothing was measured for long enough. */
function mostCarried(dataset: Dataset, name: string): number {
  const directions = ["rx", "tx"].flatMap(
    (field) => dataset.measure(`net_${name}_${field}_bytes`) ?? [],
  );
  return directions.reduce(
    (most, measure) => Math.max(most, busiestOf(dataset.minutes(measure))),
    0,
  );
}

function busiestOf({ means, edges }: Minutes): number {
  let most = 0;
  for (const [minute, mean] of means.entries()) {
    const edge = edges.get(minute);
    if (edge !== undefined && edge.endS - edge.startS < leastMeasuredS) continue;
    if (mean > most) most = mean;
  }
  return most;
}
