// The metric catalogue: the one place where a metric is named. CSV header, database dictionary, API,
// page labels, report text and the documentation table are derived from it.

/** percent is 0–100 of the interval; "1/s" counts events; "count" is a number of things. */
export type Unit = "percent" | "bytes" | "bytes/s" | "1/s" | "ms" | "count";

/** gauge: a reading at the sample's time. rate: a counter's growth divided by the time that really passed. */
export type Kind = "gauge" | "rate";

/** What a metric exists once for. */
export type Scope = "machine" | "cpu" | "disk" | "interface" | "mount" | "container";

/** The part of the machine that a metric speaks of; pages and reports group by it. */
export type Resource =
  | "cpu"
  | "load"
  | "memory"
  | "paging"
  | "pressure"
  | "disk"
  | "network"
  | "filesystem"
  | "container"
  | "collector";

export interface Metric {
  /** CSV column, for a device with a placeholder: `disk_<device>_reads`. Unique. */
  name: string;
  scope: Scope;
  resource: Resource;
  unit: Unit;
  kind: Kind;
  /** Kernel file, or what else it is read from. */
  source: string;
  /** In terms of the kernel's field names; Δ is the growth over the interval, Δt the seconds that really passed. */
  formula: string;
  /** Column of sysstat's sar that shows the same quantity, or null where sar has none. */
  sar: string | null;
  /** OpenTelemetry semantic convention that it maps to, or null where there is none. */
  openTelemetry: string | null;
  /** Short title for charts and tables, without the device. */
  label: string;
  help: string;
  /** Largest possible value, or null where there is none. The smallest is 0 for every metric. */
  max: number | null;
}

interface CpuMode {
  field: string;
  formula: string;
  sar: string | null;
  label: string;
  help: string;
}

const cpuModes: CpuMode[] = [
  {
    field: "user",
    formula: "Δuser / Δtotal",
    sar: "%user",
    label: "User",
    help: "Time in user programs at normal priority, guests included.",
  },
  {
    field: "nice",
    formula: "Δnice / Δtotal",
    sar: "%nice",
    label: "Nice",
    help: "Time in user programs of lowered priority, guests included.",
  },
  {
    field: "system",
    formula: "Δsystem / Δtotal",
    sar: "%sys",
    label: "System",
    help: "Time in the kernel, interrupts not included.",
  },
  {
    field: "idle",
    formula: "Δidle / Δtotal",
    sar: "%idle",
    label: "Idle",
    help: "Time with nothing to run and no disk request outstanding.",
  },
  {
    field: "iowait",
    formula: "Δiowait / Δtotal",
    sar: "%iowait",
    label: "I/O wait",
    help: "Idle time while a disk request of this CPU was outstanding. A kind of idle: a busy CPU hides it. A gap where the kernel took some of it back.",
  },
  {
    field: "irq",
    formula: "Δirq / Δtotal",
    sar: "%irq",
    label: "Interrupts",
    help: "Time serving hardware interrupts.",
  },
  {
    field: "softirq",
    formula: "Δsoftirq / Δtotal",
    sar: "%soft",
    label: "Soft interrupts",
    help: "Time serving soft interrupts, above all network receive.",
  },
  {
    field: "steal",
    formula: "Δsteal / Δtotal",
    sar: "%steal",
    label: "Steal",
    help: "Time in which the hypervisor ran something else although this machine had work.",
  },
  {
    field: "guest",
    formula: "(Δguest + Δguest_nice) / Δtotal",
    sar: "%guest",
    label: "Guest",
    help: "Time running virtual machines; already part of user and nice, so not part of the sum of 100.",
  },
];

function cpuMetric(mode: CpuMode, scope: "machine" | "cpu"): Metric {
  return {
    name: scope === "machine" ? `cpu_${mode.field}` : `cpu<cpu>_${mode.field}`,
    scope,
    resource: "cpu",
    unit: "percent",
    kind: "rate",
    source: "/proc/stat",
    formula: `100 × ${mode.formula}; total = user + nice + system + idle + iowait + irq + softirq + steal`,
    sar: mode.sar,
    openTelemetry: "system.cpu.utilization",
    label: mode.label,
    help: scope === "machine" ? `${mode.help} All CPUs.` : `${mode.help} One CPU.`,
    max: 100,
  };
}

type Row = [name: string, label: string, formula: string, sar: string | null, help: string];

function gauge(
  resource: Resource,
  unit: Unit,
  source: string,
  openTelemetry: string | null,
  [name, label, formula, sar, help]: Row,
): Metric {
  return {
    name,
    scope: scopeOf(name),
    resource,
    unit,
    kind: "gauge",
    source,
    formula,
    sar,
    openTelemetry,
    label,
    help,
    max: null,
  };
}

function rate(
  resource: Resource,
  unit: Unit,
  source: string,
  openTelemetry: string | null,
  row: Row,
  max: number | null = null,
): Metric {
  return { ...gauge(resource, unit, source, openTelemetry, row), kind: "rate", max };
}

function scopeOf(name: string): Scope {
  if (name.startsWith("disk_<device>_")) return "disk";
  if (name.startsWith("net_<interface>_")) return "interface";
  if (name.startsWith("fs_<mount>_")) return "mount";
  if (name.startsWith("container_<container>_")) return "container";
  return "machine";
}

const loadMetrics: Metric[] = [
  gauge("load", "count", "/proc/loadavg", null, [
    "load1",
    "Load, 1 min",
    "field 1",
    "ldavg-1",
    "Tasks running, waiting for a CPU or in uninterruptible sleep; exponentially damped over 1 minute.",
  ]),
  gauge("load", "count", "/proc/loadavg", null, [
    "load5",
    "Load, 5 min",
    "field 2",
    "ldavg-5",
    "The same, damped over 5 minutes.",
  ]),
  gauge("load", "count", "/proc/loadavg", null, [
    "load15",
    "Load, 15 min",
    "field 3",
    "ldavg-15",
    "The same, damped over 15 minutes.",
  ]),
  gauge("load", "count", "/proc/stat", "system.process.count", [
    "procs_running",
    "Runnable tasks",
    "procs_running",
    "runq-sz",
    "Tasks running or ready to run at the moment of the sample.",
  ]),
  gauge("load", "count", "/proc/stat", "system.process.count", [
    "procs_blocked",
    "Blocked tasks",
    "procs_blocked",
    "blocked",
    "Tasks waiting for a disk at the moment of the sample.",
  ]),
  rate("load", "1/s", "/proc/stat", null, [
    "context_switches",
    "Context switches",
    "Δctxt / Δt",
    "cswch/s",
    "Switches of a CPU from one task to another.",
  ]),
  rate("load", "1/s", "/proc/stat", null, [
    "interrupts",
    "Interrupts",
    "Δintr(total) / Δt",
    "intr/s",
    "Interrupts served.",
  ]),
  rate("load", "1/s", "/proc/stat", "system.process.created", [
    "forks",
    "Forks",
    "Δprocesses / Δt",
    "proc/s",
    "Tasks created.",
  ]),
];

const memory = (openTelemetry: string | null, row: Row): Metric =>
  gauge("memory", "bytes", "/proc/meminfo", openTelemetry, row);

const memoryMetrics: Metric[] = [
  memory("system.memory.limit", [
    "mem_total",
    "Total memory",
    "1024 × MemTotal",
    null,
    "Memory that the kernel can use.",
  ]),
  memory("system.memory.usage", [
    "mem_free",
    "Free memory",
    "1024 × MemFree",
    "kbmemfree",
    "Memory that nobody uses, not even as cache. Low is normal.",
  ]),
  memory("system.linux.memory.available", [
    "mem_available",
    "Available memory",
    "1024 × MemAvailable",
    "kbavail",
    "Memory that programs could get without swapping. A gap before kernel 3.14.",
  ]),
  memory("system.memory.usage", [
    "mem_used",
    "Used memory",
    "1024 × (MemTotal − MemAvailable)",
    null,
    "Memory that programs could not get without swapping. sar's kbmemused is another quantity.",
  ]),
  memory("system.memory.usage", [
    "mem_buffers",
    "Buffers",
    "1024 × Buffers",
    "kbbuffers",
    "Cache of raw disk blocks.",
  ]),
  memory("system.memory.usage", [
    "mem_cached",
    "Page cache",
    "1024 × Cached",
    "kbcached",
    "Cache of files, shared memory included.",
  ]),
  memory("system.linux.memory.slab.usage", [
    "mem_slab",
    "Slab",
    "1024 × Slab",
    "kbslab",
    "The kernel's own caches and structures.",
  ]),
  memory(null, [
    "mem_dirty",
    "Dirty pages",
    "1024 × Dirty",
    "kbdirty",
    "File data waiting to be written to disk.",
  ]),
  memory(null, [
    "mem_anonymous",
    "Anonymous memory",
    "1024 × AnonPages",
    "kbanonpg",
    "Memory of programs that no file backs.",
  ]),
  memory(null, [
    "mem_committed",
    "Committed memory",
    "1024 × Committed_AS",
    "kbcommit",
    "Memory that programs have been promised, used or not.",
  ]),
  memory("system.paging.usage", ["swap_total", "Swap", "1024 × SwapTotal", null, "Swap space."]),
  memory("system.paging.usage", [
    "swap_free",
    "Free swap",
    "1024 × SwapFree",
    "kbswpfree",
    "Swap space not in use.",
  ]),
];

const paging = (unit: Unit, openTelemetry: string | null, row: Row): Metric =>
  rate("paging", unit, "/proc/vmstat", openTelemetry, row);

const pagingMetrics: Metric[] = [
  paging("bytes/s", null, [
    "vm_pgin_bytes",
    "Paged in",
    "1024 × Δpgpgin / Δt",
    "pgpgin/s",
    "Read from disks through the page cache or directly.",
  ]),
  paging("bytes/s", null, [
    "vm_pgout_bytes",
    "Paged out",
    "1024 × Δpgpgout / Δt",
    "pgpgout/s",
    "Written to disks.",
  ]),
  paging("1/s", "system.paging.operations", [
    "vm_swapin_pages",
    "Swapped in",
    "Δpswpin / Δt",
    "pswpin/s",
    "Pages brought back from swap: the clearest sign of too little memory.",
  ]),
  paging("1/s", "system.paging.operations", [
    "vm_swapout_pages",
    "Swapped out",
    "Δpswpout / Δt",
    "pswpout/s",
    "Pages sent to swap.",
  ]),
  paging("1/s", "system.paging.faults", [
    "vm_faults",
    "Page faults",
    "Δpgfault / Δt",
    "fault/s",
    "Page faults, minor and major.",
  ]),
  paging("1/s", "system.paging.faults", [
    "vm_major_faults",
    "Major faults",
    "Δpgmajfault / Δt",
    "majflt/s",
    "Page faults that had to wait for a disk.",
  ]),
  paging("1/s", null, [
    "vm_oom_kills",
    "Out-of-memory kills",
    "Δoom_kill / Δt",
    null,
    "Processes killed for want of memory. A gap before kernel 4.13.",
  ]),
];

const pressureMetrics: Metric[] = ["cpu", "io", "memory"].flatMap((resource) =>
  ["some", "full"].map((share) =>
    rate(
      "pressure",
      "percent",
      `/proc/pressure/${resource}`,
      null,
      [
        `psi_${resource}_${share}`,
        `${resource === "io" ? "I/O" : resource === "cpu" ? "CPU" : "Memory"} pressure, ${share}`,
        `min(100, 100 × Δ${share}.total / Δt(µs))`,
        resource === "cpu"
          ? share === "some"
            ? "%scpu"
            : null
          : `%${share[0] ?? ""}${resource === "memory" ? "mem" : resource}`,
        share === "some"
          ? `Share of time in which at least one task waited for ${resource}. A gap where the kernel has no PSI.`
          : `Share of time in which every non-idle task waited for ${resource} at once. A gap where the kernel has no PSI.`,
      ],
      100,
    ),
  ),
);

const disk = (
  unit: Unit,
  openTelemetry: string | null,
  row: Row,
  max: number | null = null,
): Metric => rate("disk", unit, "/proc/diskstats", openTelemetry, row, max);

const diskMetrics: Metric[] = [
  disk("1/s", "system.disk.operations", [
    "disk_<device>_reads",
    "Reads",
    "Δreads completed / Δt",
    "rtps",
    "Read requests completed.",
  ]),
  disk("1/s", "system.disk.operations", [
    "disk_<device>_writes",
    "Writes",
    "Δwrites completed / Δt",
    "wtps",
    "Write requests completed.",
  ]),
  disk("bytes/s", "system.disk.io", [
    "disk_<device>_read_bytes",
    "Read",
    "512 × Δsectors read / Δt",
    "rkB/s",
    "Bytes read.",
  ]),
  disk("bytes/s", "system.disk.io", [
    "disk_<device>_write_bytes",
    "Written",
    "512 × Δsectors written / Δt",
    "wkB/s",
    "Bytes written.",
  ]),
  disk("1/s", null, [
    "disk_<device>_discards",
    "Discards",
    "Δdiscards completed / Δt",
    "dtps",
    "Discard requests completed. A gap before kernel 4.18.",
  ]),
  disk("ms", null, [
    "disk_<device>_await_ms",
    "Await",
    "(Δms reading + Δms writing + Δms discarding) / Δrequests completed",
    "await",
    "Mean time of a request that was completed in the interval, queueing included. A gap where none was.",
  ]),
  disk("count", null, [
    "disk_<device>_queue",
    "Queue",
    "Δweighted ms / Δt(ms)",
    "aqu-sz",
    "Mean number of requests outstanding.",
  ]),
  disk(
    "percent",
    "system.disk.io_time",
    [
      "disk_<device>_busy",
      "Busy",
      "min(100, 100 × Δms doing I/O / Δt(ms))",
      "%util",
      "Share of time with at least one request outstanding. A disk that serves many at once is not full at 100.",
    ],
    100,
  ),
];

const network = (unit: Unit, openTelemetry: string, row: Row): Metric =>
  rate("network", unit, "/proc/net/dev", openTelemetry, row);

const networkMetrics: Metric[] = [
  network("bytes/s", "system.network.io", [
    "net_<interface>_rx_bytes",
    "Received",
    "Δrx bytes / Δt",
    "rxkB/s",
    "Bytes received.",
  ]),
  network("bytes/s", "system.network.io", [
    "net_<interface>_tx_bytes",
    "Sent",
    "Δtx bytes / Δt",
    "txkB/s",
    "Bytes sent.",
  ]),
  network("1/s", "system.network.packet.count", [
    "net_<interface>_rx_packets",
    "Packets received",
    "Δrx packets / Δt",
    "rxpck/s",
    "Packets received.",
  ]),
  network("1/s", "system.network.packet.count", [
    "net_<interface>_tx_packets",
    "Packets sent",
    "Δtx packets / Δt",
    "txpck/s",
    "Packets sent.",
  ]),
  network("1/s", "system.network.errors", [
    "net_<interface>_rx_errors",
    "Receive errors",
    "Δrx errs / Δt",
    "rxerr/s",
    "Packets that arrived broken.",
  ]),
  network("1/s", "system.network.errors", [
    "net_<interface>_tx_errors",
    "Send errors",
    "Δtx errs / Δt",
    "txerr/s",
    "Packets that could not be sent.",
  ]),
  network("1/s", "system.network.packet.dropped", [
    "net_<interface>_rx_drops",
    "Receive drops",
    "Δrx drop / Δt",
    "rxdrop/s",
    "Packets dropped on arrival for want of room.",
  ]),
  network("1/s", "system.network.packet.dropped", [
    "net_<interface>_tx_drops",
    "Send drops",
    "Δtx drop / Δt",
    "txdrop/s",
    "Packets dropped before sending.",
  ]),
];

const connections = (row: Row): Metric => rate("network", "1/s", "/proc/net/snmp", null, row);
const listening = (row: Row): Metric => rate("network", "1/s", "/proc/net/netstat", null, row);
const sockets = (source: string, openTelemetry: string | null, row: Row): Metric =>
  gauge("network", "count", source, openTelemetry, row);

const connectionMetrics: Metric[] = [
  connections([
    "tcp_active_opens",
    "TCP connections opened",
    "ΔTcp.ActiveOpens / Δt",
    "active/s",
    "TCP connections that this machine asked for.",
  ]),
  connections([
    "tcp_passive_opens",
    "TCP connections accepted",
    "ΔTcp.PassiveOpens / Δt",
    "passive/s",
    "TCP connections that others asked this machine for.",
  ]),
  connections([
    "tcp_failed_attempts",
    "TCP attempts failed",
    "ΔTcp.AttemptFails / Δt",
    "atmptf/s",
    "TCP connections that ended before they were established, for example refused ones.",
  ]),
  connections([
    "tcp_established_resets",
    "TCP connections reset",
    "ΔTcp.EstabResets / Δt",
    "estres/s",
    "Established TCP connections that ended by a reset.",
  ]),
  sockets("/proc/net/snmp", "system.network.connection.count", [
    "tcp_established",
    "TCP connections",
    "Tcp.CurrEstab",
    null,
    "Established TCP connections, those that the other side has closed included.",
  ]),
  connections([
    "tcp_in_segments",
    "TCP segments received",
    "ΔTcp.InSegs / Δt",
    "iseg/s",
    "TCP segments received, broken ones included.",
  ]),
  connections([
    "tcp_out_segments",
    "TCP segments sent",
    "ΔTcp.OutSegs / Δt",
    "oseg/s",
    "TCP segments sent, without those sent again.",
  ]),
  connections([
    "tcp_retransmits",
    "TCP retransmits",
    "ΔTcp.RetransSegs / Δt",
    "retrans/s",
    "TCP segments sent again. More than about 1 in 100 of those sent point to loss on the way.",
  ]),
  connections([
    "tcp_in_errors",
    "TCP receive errors",
    "ΔTcp.InErrs / Δt",
    "isegerr/s",
    "TCP segments that arrived broken.",
  ]),
  connections([
    "tcp_out_resets",
    "TCP resets sent",
    "ΔTcp.OutRsts / Δt",
    "orsts/s",
    "TCP resets sent, for example to who asks for a port that nobody listens on.",
  ]),
  listening([
    "tcp_listen_overflows",
    "Accept queue overflows",
    "ΔTcpExt.ListenOverflows / Δt",
    null,
    "Connections dropped since the queue of those that a program has not accepted yet was full: the program is too slow or its backlog too small.",
  ]),
  listening([
    "tcp_listen_drops",
    "Listen drops",
    "ΔTcpExt.ListenDrops / Δt",
    null,
    "Requests for connections dropped for any reason, overflows included.",
  ]),
  listening([
    "tcp_timeouts",
    "TCP timeouts",
    "ΔTcpExt.TCPTimeouts / Δt",
    null,
    "Times that a TCP segment was not acknowledged in time: the slow kind of retransmit, 200 ms and more each.",
  ]),
  listening([
    "tcp_backlog_drops",
    "TCP backlog drops",
    "ΔTcpExt.TCPBacklogDrop / Δt",
    null,
    "TCP segments dropped since the queue of a socket in use was full.",
  ]),
  listening([
    "tcp_syn_retransmits",
    "TCP SYN retransmits",
    "ΔTcpExt.TCPSynRetrans / Δt",
    null,
    "Requests for connections, and answers to them, sent again: seconds for who waits. A gap before kernel 3.15.",
  ]),
  connections([
    "udp_in_datagrams",
    "UDP received",
    "ΔUdp.InDatagrams / Δt",
    "idgm/s",
    "UDP datagrams that programs received, over IPv4.",
  ]),
  connections([
    "udp_out_datagrams",
    "UDP sent",
    "ΔUdp.OutDatagrams / Δt",
    "odgm/s",
    "UDP datagrams sent over IPv4.",
  ]),
  connections([
    "udp_no_ports",
    "UDP without port",
    "ΔUdp.NoPorts / Δt",
    "noport/s",
    "UDP datagrams to ports that nobody listens on, over IPv4.",
  ]),
  connections([
    "udp_in_errors",
    "UDP receive errors",
    "ΔUdp.InErrors / Δt",
    "idgmerr/s",
    "UDP datagrams that could not be delivered for any other reason, full buffers included, over IPv4.",
  ]),
  connections([
    "udp_receive_buffer_errors",
    "UDP receive buffer full",
    "ΔUdp.RcvbufErrors / Δt",
    null,
    "UDP datagrams dropped since the program did not read in time, over IPv4.",
  ]),
  connections([
    "udp_send_buffer_errors",
    "UDP send buffer full",
    "ΔUdp.SndbufErrors / Δt",
    null,
    "UDP datagrams not sent for want of room, over IPv4.",
  ]),
  sockets("/proc/net/sockstat", null, [
    "sockets_used",
    "Sockets",
    "sockets used",
    "totsck",
    "Sockets of all kinds, those within the machine included.",
  ]),
  sockets("/proc/net/sockstat", null, [
    "tcp_sockets",
    "TCP sockets",
    "TCP inuse",
    "tcpsck",
    "TCP sockets over IPv4 that are open, listening ones included.",
  ]),
  sockets("/proc/net/sockstat", null, [
    "tcp_orphans",
    "TCP orphans",
    "TCP orphan",
    null,
    "TCP sockets that no program holds any more and that still have to send.",
  ]),
  sockets("/proc/net/sockstat", "system.network.connection.count", [
    "tcp_time_wait",
    "TCP TIME_WAIT",
    "TCP tw",
    "tcp-tw",
    "Closed TCP connections whose ports are not free yet.",
  ]),
  sockets("/proc/net/sockstat", null, [
    "udp_sockets",
    "UDP sockets",
    "UDP inuse",
    "udpsck",
    "UDP sockets over IPv4.",
  ]),
];

const fileSystem = (
  unit: Unit,
  openTelemetry: string | null,
  row: Row,
  max: number | null = null,
): Metric => ({ ...gauge("filesystem", unit, "statfs(2)", openTelemetry, row), max });

const fileSystemMetrics: Metric[] = [
  fileSystem("bytes", "system.filesystem.limit", [
    "fs_<mount>_size_bytes",
    "Size",
    "f_frsize × f_blocks",
    null,
    "Size of the file system.",
  ]),
  fileSystem("bytes", "system.filesystem.usage", [
    "fs_<mount>_free_bytes",
    "Free",
    "f_frsize × f_bfree",
    "MBfsfree",
    "Space not in use, what is kept for root included.",
  ]),
  fileSystem("bytes", "system.filesystem.usage", [
    "fs_<mount>_available_bytes",
    "Available",
    "f_frsize × f_bavail",
    null,
    "Space that programs other than root's can still fill.",
  ]),
  fileSystem(
    "percent",
    "system.filesystem.utilization",
    [
      "fs_<mount>_used",
      "Used",
      "100 × (f_blocks − f_bfree) / (f_blocks − f_bfree + f_bavail)",
      null,
      "Share in use of what programs other than root's can use, as df shows it: at 100 they can write no more.",
    ],
    100,
  ),
  fileSystem("count", null, [
    "fs_<mount>_inodes",
    "Inodes",
    "f_files",
    null,
    "Files and folders that it can hold. A gap where it sets no such limit.",
  ]),
  fileSystem("count", null, [
    "fs_<mount>_inodes_free",
    "Free inodes",
    "f_ffree",
    "Ifree",
    "Files and folders that can still be made.",
  ]),
];

const container = (
  kind: Kind,
  unit: Unit,
  file: string,
  openTelemetry: string | null,
  row: Row,
): Metric => ({
  ...gauge("container", unit, `/sys/fs/cgroup/…/${file}`, openTelemetry, row),
  kind,
});

const containerMetrics: Metric[] = [
  container("rate", "percent", "cpu.stat", "container.cpu.usage", [
    "container_<container>_cpu",
    "CPU",
    "100 × Δusage_usec / Δt(µs)",
    null,
    "Time on CPUs, in percent of one CPU: 200 is two CPUs at work.",
  ]),
  container("gauge", "percent", "cpu.max", null, [
    "container_<container>_cpu_limit",
    "CPU limit",
    "100 × quota / period",
    null,
    "CPU that it may use, in percent of one CPU. A gap where it is not limited.",
  ]),
  {
    ...container("rate", "percent", "cpu.stat", null, [
      "container_<container>_throttled",
      "Throttled",
      "100 × Δnr_throttled / Δnr_periods",
      null,
      "Share of the CPU limit's periods in which it was stopped before their end, since it had used what it may. A gap where no period passed: without a limit, and while it slept.",
    ]),
    max: 100,
  },
  container("gauge", "bytes", "memory.current", "container.memory.usage", [
    "container_<container>_memory_bytes",
    "Memory",
    "memory.current",
    null,
    "Memory charged to it, page cache that can be given back included.",
  ]),
  container("gauge", "bytes", "memory.max", null, [
    "container_<container>_memory_limit_bytes",
    "Memory limit",
    "memory.max",
    null,
    "Memory that it may use. A gap where it is not limited.",
  ]),
  container("gauge", "bytes", "memory.stat", "container.memory.rss", [
    "container_<container>_memory_anonymous_bytes",
    "Anonymous memory",
    "anon",
    null,
    "Memory of its programs that no file backs: what it cannot give back without swapping.",
  ]),
  container("gauge", "bytes", "memory.stat", null, [
    "container_<container>_memory_file_bytes",
    "Page cache",
    "file",
    null,
    "Cache of files that it has read and written, shared memory included.",
  ]),
  container("rate", "bytes/s", "io.stat", "container.disk.io", [
    "container_<container>_read_bytes",
    "Read",
    "ΣΔrbytes / Δt",
    null,
    "Bytes read from disks, each request counted once.",
  ]),
  container("rate", "bytes/s", "io.stat", "container.disk.io", [
    "container_<container>_write_bytes",
    "Written",
    "ΣΔwbytes / Δt",
    null,
    "Bytes written to disks, when the kernel writes them back.",
  ]),
  container("rate", "1/s", "io.stat", null, [
    "container_<container>_reads",
    "Reads",
    "ΣΔrios / Δt",
    null,
    "Read requests to disks.",
  ]),
  container("rate", "1/s", "io.stat", null, [
    "container_<container>_writes",
    "Writes",
    "ΣΔwios / Δt",
    null,
    "Write requests to disks.",
  ]),
  container("gauge", "count", "pids.current", null, [
    "container_<container>_pids",
    "Tasks",
    "pids.current",
    null,
    "Processes and threads.",
  ]),
  container("rate", "1/s", "memory.events", null, [
    "container_<container>_oom_kills",
    "Out-of-memory kills",
    "Δoom_kill / Δt",
    null,
    "Processes killed since its memory limit, or the machine's memory, was used up.",
  ]),
];

const collectorMetrics: Metric[] = [
  rate(
    "collector",
    "percent",
    "getrusage(2)",
    "process.cpu.utilization",
    [
      "collector_cpu",
      "Collector, CPU",
      "100 × Δ(user + system) / Δt",
      null,
      "CPU time that the collector took, as a share of one CPU.",
    ],
    100,
  ),
  gauge("collector", "bytes", "/proc/self/statm", "process.memory.usage", [
    "collector_memory_bytes",
    "Collector, memory",
    "page size × resident",
    null,
    "Memory of the collector that is resident.",
  ]),
  rate("collector", "1/s", "the collector", null, [
    "collector_missed_ticks",
    "Missed ticks",
    "Δmissed ticks / Δt",
    null,
    "Moments at which the collector should have taken a sample, and had no time for: the machine was overloaded, stopped or asleep.",
  ]),
  rate("collector", "1/s", "the collector", null, [
    "collector_dropped_samples",
    "Dropped samples",
    "Δdropped samples / Δt",
    null,
    "Samples that the collector took, and dropped before the portal had them, since there was no more room for them.",
  ]),
];

/** Every metric, in the order in which columns are written. */
export const metrics: readonly Metric[] = [
  ...cpuModes.map((mode) => cpuMetric(mode, "machine")),
  ...loadMetrics,
  ...memoryMetrics,
  ...pagingMetrics,
  ...pressureMetrics,
  ...cpuModes.map((mode) => cpuMetric(mode, "cpu")),
  ...diskMetrics,
  ...networkMetrics,
  ...connectionMetrics,
  ...fileSystemMetrics,
  ...containerMetrics,
  ...collectorMetrics,
];
