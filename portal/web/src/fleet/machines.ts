import type { Machine, MachineList } from "@perfanalysis/contract/api";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { request } from "../api/request.ts";
import type { LiveSample } from "../live/live-connection.ts";
import { useLiveSamples } from "../live/live-context.tsx";
import { noReadings, toReadings, type Readings } from "../machine/readings.ts";
import { parseTime } from "../ui/times.ts";

/** A machine as the list shows it. */
export interface FleetMachine {
  machineId: string;
  name: string;
  readings: Readings;
  /** When something new came of it, in Unix seconds; null: never. An upload of old samples is not news. */
  lastSeenS: number | null;
  /** Time of the newest sample in Unix seconds, or null. */
  latestS: number | null;
}

/** Samples that came over the live connection since the page was opened. */
export interface LiveCourse {
  latest: LiveSample;
  readings: Readings;
  receivedS: number;
  /** CPU columns of the last minutes, for the small chart. */
  cpu: LiveSample[];
}

/** A page redrawn more often than this cannot be read. */
const redrawMs = 500;
const courseS = 300;

export const machinesQuery = queryOptions({
  queryKey: ["machines"],
  queryFn: ({ signal }) => listMachines(signal),
  // What the live connection cannot tell: machines that are new, renamed or gone.
  // Whoever has none yet is waiting for the first.
  refetchInterval: ({ state }) => (state.data?.length === 0 ? 3_000 : 30_000),
});

export function useMachines() {
  return useQuery(machinesQuery);
}

/** The courses of these machines as they grow; redrawn twice a second at most, however many samples come. */
export function useLiveCourses(machineIds: readonly string[]): ReadonlyMap<string, LiveCourse> {
  const [courses, setCourses] = useState<ReadonlyMap<string, LiveCourse>>(new Map());
  const arrived = useRef(new Map<string, LiveSample[]>());
  const redraw = useRef<number | undefined>(undefined);
  useEffect(() => () => clearTimeout(redraw.current), []);
  useLiveSamples(machineIds, (machineId, sample) => {
    const waiting = arrived.current.get(machineId);
    if (waiting === undefined) arrived.current.set(machineId, [sample]);
    else waiting.push(sample);
    redraw.current ??= window.setTimeout(() => {
      redraw.current = undefined;
      const news = arrived.current;
      arrived.current = new Map();
      setCourses((before) => growCourses(before, news, Date.now() / 1000));
    }, redrawMs);
  });
  return courses;
}

/** A machine's answer of the portal, overtaken by what came live since. */
export function toFleetMachine(machine: Machine, live: LiveCourse | undefined): FleetMachine {
  const portalSeenS = machine.last_seen === null ? null : parseTime(machine.last_seen);
  const portalLatestS = machine.latest === null ? null : parseTime(machine.latest.time);
  const isOvertaken = live !== undefined && live.latest.time > (portalLatestS ?? -Infinity);
  return {
    machineId: machine.machine_id,
    name: machine.name,
    readings: isOvertaken ? live.readings : readingsOf(machine),
    lastSeenS: isOvertaken ? live.receivedS : earlier(portalSeenS, portalLatestS),
    latestS: isOvertaken ? live.latest.time : portalLatestS,
  };
}

function earlier(seenS: number | null, latestS: number | null): number | null {
  return seenS === null || latestS === null ? seenS : Math.min(seenS, latestS);
}

export function growCourses(
  before: ReadonlyMap<string, LiveCourse>,
  news: ReadonlyMap<string, readonly LiveSample[]>,
  nowS: number,
): ReadonlyMap<string, LiveCourse> {
  const grown = new Map(before);
  for (const [machineId, samples] of news) {
    const latest = samples.at(-1);
    if (latest === undefined) continue;
    const cpu = [...(before.get(machineId)?.cpu ?? []), ...samples.map(cpuOnly)];
    grown.set(machineId, {
      latest,
      readings: toReadings(latest.values),
      receivedS: nowS,
      cpu: cpu.filter(({ time }) => time > latest.time - courseS),
    });
  }
  return grown;
}

function cpuOnly({ time, values }: LiveSample): LiveSample {
  const { cpu_idle, cpu_iowait } = values;
  return {
    time,
    values: {
      ...(cpu_idle === undefined ? {} : { cpu_idle }),
      ...(cpu_iowait === undefined ? {} : { cpu_iowait }),
    },
  };
}

const knownReadings = new WeakMap<Machine, Readings>();

function readingsOf(machine: Machine): Readings {
  if (machine.latest === null) return noReadings;
  const known = knownReadings.get(machine);
  if (known !== undefined) return known;
  const readings = toReadings(machine.latest.values);
  knownReadings.set(machine, readings);
  return readings;
}

async function listMachines(signal: AbortSignal): Promise<Machine[]> {
  const machines: Machine[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page: MachineList = await request<MachineList>(`/api/v1/machines${query}`, { signal });
    machines.push(...page.machines);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return machines;
}
