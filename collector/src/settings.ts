import { isMachineId } from "@perfanalysis/contract/machine-id";
import { parseDuration } from "./duration.ts";
import {
  byteSize,
  duration,
  expression,
  oneOf,
  path,
  serverUrl,
  setting,
  ValueError,
  wholeNumber,
  type Program,
  type SettingsOf,
} from "./setting-shapes.ts";

/** pcc's settings. */
const settings = {
  frequency: setting({
    placeholder: "TIME",
    help: "time between two samples, 1s to 60s",
    default: "10s",
    parse(text) {
      const intervalMs = parseDuration(text);
      if (
        intervalMs === null ||
        intervalMs < 1000 ||
        intervalMs > 60_000 ||
        intervalMs % 1000 !== 0
      ) {
        throw new ValueError("whole seconds from 1s to 60s");
      }
      return intervalMs;
    },
  }),
  fast: duration(
    "samples within each interval, of which the capture keeps least, mean and greatest values: 100ms to 30s",
    { default: null, least: "100ms", most: "30s" },
  ),
  duration: setting({
    placeholder: "TIME|infinity",
    help: "how long to sample, such as 90s, 5m, 24h",
    default: "infinity",
    parse(text) {
      if (text === "infinity") return Number.POSITIVE_INFINITY;
      const durationMs = parseDuration(text);
      if (durationMs === null || durationMs < 1000) {
        throw new ValueError("a time of at least 1s, such as 90s, 5m or 24h, or infinity");
      }
      return durationMs;
    },
  }),
  mode: oneOf(
    ["local", "trickle"],
    "local: only write the capture; trickle: also send each sample to the portal",
  ),
  collection: path(
    "capture to append to; - is standard output (local mode's default); a folder, or a name that ends in /: captures by the day in it",
  ),
  rotate: oneOf(["day", "never"], "in a folder: whether a day (UTC) begins a new capture"),
  rotate_size: byteSize("in a folder: a capture of this size is closed", {
    default: "64M",
    leastBytes: 64 * 1024,
  }),
  keep_days: wholeNumber(
    "in a folder: days whose captures are kept; a day without any does not count",
    {
      default: "31",
      least: 1,
      most: 36_500,
    },
  ),
  keep_size: byteSize("in a folder: what all captures may take; beyond it the oldest are removed", {
    default: "1G",
    leastBytes: 1024 * 1024,
  }),
  format: oneOf(["capture", "raw"], "capture: ours; raw: perfcollector2's"),
  procfs: path("where the machine's /proc is, in a container or a test", "/proc"),
  rootfs: path("where the machine's root is mounted, in a container", "/"),
  cgroups: path("where cgroups v2 are mounted (default: sys/fs/cgroup under rootfs)"),
  machine_id: setting({
    placeholder: "ID",
    help: "who this machine is (default: /etc/machine-id, else the host name)",
    default: null,
    parse(text) {
      if (!isMachineId(text)) throw new ValueError("1–64 letters, digits, _ or -");
      return text;
    },
  }),
  portal: serverUrl("where trickle sends to, such as https://portal.example"),
  control: path("Unix socket on which pcctl asks for status and samples"),
  api_key_file: path("file with the portal's key; or PCC_API_KEY holds the key itself"),
  spool: path(
    "folder in which samples wait for the portal, over restarts and power cuts (default: in memory)",
  ),
  spool_size: byteSize("what the spool may take; beyond it the oldest samples are dropped", {
    default: "256M",
    leastBytes: 1024 * 1024,
  }),
  processes: wholeNumber(
    "record as many processes with the most CPU, and as many with the most memory, by name; 0: none",
    { default: "0", least: 0, most: 100 },
  ),
  include_source: expression(
    "sample only sources that match, such as '^(stat|meminfo)$'; files by their path under /proc",
  ),
  exclude_source: expression("leave out sources that match, such as '^(net/snmp|mounts)$'"),
  include_disk: expression("keep only disks that match, also loop, ram and partitions"),
  exclude_disk: expression("leave out disks that match"),
  include_interface: expression("keep only interfaces that match, also veth"),
  exclude_interface: expression("leave out interfaces that match"),
  include_mount: expression("keep only file systems whose mount matches, also in memory"),
  exclude_mount: expression("leave out file systems whose mount matches"),
  include_container: expression("keep only containers whose name or cgroup matches"),
  exclude_container: expression("leave out containers whose name or cgroup matches"),
  max_containers: wholeNumber("containers that are sampled at most", {
    default: "256",
    least: 1,
    most: 10_000,
  }),
} as const;

export const pccProgram: Program<typeof settings> = {
  name: "pcc",
  prefix: "PCC",
  files: [
    "/etc/perfcollector/config.yaml",
    "/etc/perfcollector/config.yml",
    "/etc/perfcollector/config.json",
  ],
  settings,
};

export type SettingName = keyof typeof settings;
export type Settings = SettingsOf<typeof settings>;
