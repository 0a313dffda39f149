import type { Series } from "@perfanalysis/contract/api";
import { useQuery } from "@tanstack/react-query";
import { request } from "../api/request.ts";
import type { LiveSample } from "../live/live-connection.ts";
import { withLiveSamples } from "../machine/live-series.ts";
import { cpuBusyPercent } from "../machine/readings.ts";
import { Sparkline } from "../ui/sparkline.tsx";

interface CpuCourseProps {
  machineId: string;
  /** Time of the machine's newest sample. */
  latestS: number;
  live: readonly LiveSample[];
  /** Whether it is on the screen: a long list must not ask for what nobody sees. */
  visible: boolean;
}

const windowS = 300;
const points = 60;

/** CPU busy of the machine's last five minutes. */
export function CpuCourse({ machineId, latestS, live, visible }: CpuCourseProps) {
  const { data } = useQuery({
    queryKey: ["cpu-course", machineId],
    queryFn: async ({ signal }) => {
      const toS = latestS + 1;
      const query = `metrics=cpu_idle,cpu_iowait&from=${toS - windowS}&to=${toS}&points=${points}`;
      const path = `/api/v1/machines/${encodeURIComponent(machineId)}/series?${query}`;
      return { series: await request<Series>(path, { signal }), toS };
    },
    enabled: visible,
    staleTime: Infinity,
  });
  if (data === undefined) return <Sparkline values={[]} max={100} />;
  return <Sparkline values={toCourse(withLiveSamples(data, live, windowS))} max={100} />;
}

function toCourse({ time, series }: Series): (number | null)[] {
  const idle = series.find(({ column }) => column === "cpu_idle");
  const iowait = series.find(({ column }) => column === "cpu_iowait");
  return time.map((_, index) => cpuBusyPercent(idle?.mean[index], iowait?.mean[index]));
}
