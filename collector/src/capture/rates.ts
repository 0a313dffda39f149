// Raw counters → the catalogue's metrics: the formulas of contract/src/metrics.ts, the only place where they are computed.
import { offsetOf, sources, type Layout, type SourceName } from "../sampling/layout.ts";
import { deviceRates } from "./device-rates.ts";
import { perSecond, type Formula, type Interval } from "./formula.ts";

export interface Rates {
  /** Names by the CSV standard. */
  columns: readonly string[];
  /** Sets a value per column; NaN is a gap. */
  compute(interval: Interval, row: Float64Array): void;
}

export function createRates(layout: Layout): Rates {
  const columns: string[] = [];
  const steps: { column: number; formula: Formula }[] = [];
  const add = (names: string[], formula: Formula): void => {
    steps.push({ column: columns.length, formula });
    columns.push(...names);
  };

  for (const [name, formula] of machineFormulas(layout)) add([name], formula);
  for (const { kind, source, columnsOf, formulaAt } of deviceRates) {
    const length = fieldsOf(source).length;
    for (const [row, device] of layout.devices[kind].entries()) {
      add(columnsOf(device), formulaAt(offsetOf(layout, source) + row * length));
    }
  }

  return {
    columns,
    compute(interval, row) {
      for (const { column, formula } of steps) formula(interval, row, column);
    },
  };
}

const bytesOfKib = 1024;

function machineFormulas(layout: Layout): [name: string, formula: Formula][] {
  const index = (source: SourceName, field: string): number => {
    const at = fieldsOf(source).indexOf(field);
    if (at === -1) throw new RangeError(`Cannot find field "${field}" in source "${source}"`);
    return offsetOf(layout, source) + at;
  };
  const gauge = (
    name: string,
    source: SourceName,
    field: string,
    factor = 1,
  ): [string, Formula] => {
    const at = index(source, field);
    return [
      name,
      ({ after }, row, column) => {
        row[column] = (after[at] ?? Number.NaN) * factor;
      },
    ];
  };
  const rate = (name: string, source: SourceName, field: string, factor = 1): [string, Formula] => {
    const at = index(source, field);
    return [
      name,
      (interval, row, column) => {
        row[column] = perSecond(interval, at, factor);
      },
    ];
  };
  const memory = (name: string, field: string): [string, Formula] =>
    gauge(name, "meminfo", field, bytesOfKib);
  const total = index("meminfo", "MemTotal");
  const available = index("meminfo", "MemAvailable");
  return [
    gauge("load1", "loadavg", "load1"),
    gauge("load5", "loadavg", "load5"),
    gauge("load15", "loadavg", "load15"),
    gauge("procs_running", "stat", "procs_running"),
    gauge("procs_blocked", "stat", "procs_blocked"),
    rate("context_switches", "stat", "ctxt"),
    rate("interrupts", "stat", "intr"),
    rate("forks", "stat", "processes"),
    memory("mem_total", "MemTotal"),
    memory("mem_free", "MemFree"),
    memory("mem_available", "MemAvailable"),
    [
      "mem_used",
      ({ after }, row, column) => {
        const kib = (after[total] ?? Number.NaN) - (after[available] ?? Number.NaN);
        row[column] = kib >= 0 ? kib * bytesOfKib : Number.NaN;
      },
    ],
    memory("mem_buffers", "Buffers"),
    memory("mem_cached", "Cached"),
    memory("mem_slab", "Slab"),
    memory("mem_dirty", "Dirty"),
    memory("mem_anonymous", "AnonPages"),
    memory("mem_committed", "Committed_AS"),
    memory("swap_total", "SwapTotal"),
    memory("swap_free", "SwapFree"),
    rate("vm_pgin_bytes", "vmstat", "pgpgin", bytesOfKib),
    rate("vm_pgout_bytes", "vmstat", "pgpgout", bytesOfKib),
    rate("vm_swapin_pages", "vmstat", "pswpin"),
    rate("vm_swapout_pages", "vmstat", "pswpout"),
    rate("vm_faults", "vmstat", "pgfault"),
    rate("vm_major_faults", "vmstat", "pgmajfault"),
    rate("vm_oom_kills", "vmstat", "oom_kill"),
    ...pressureFormulas(index),
    // Columns that can hold nothing are left out where a later version of pcc brought them.
    ...(layout.absent.has("net/snmp") ? [] : networkFormulas(gauge, rate)),
    ...(layout.absent.has("self") ? [] : selfFormulas(index)),
  ];
}

type ByField = (name: string, source: SourceName, field: string) => [string, Formula];

function networkFormulas(gauge: ByField, rate: ByField): [name: string, formula: Formula][] {
  const snmp = (name: string, field: string) => rate(name, "net/snmp", field);
  const netstat = (name: string, field: string) => rate(name, "net/netstat", field);
  return [
    snmp("tcp_active_opens", "TcpActiveOpens"),
    snmp("tcp_passive_opens", "TcpPassiveOpens"),
    snmp("tcp_failed_attempts", "TcpAttemptFails"),
    snmp("tcp_established_resets", "TcpEstabResets"),
    gauge("tcp_established", "net/snmp", "TcpCurrEstab"),
    snmp("tcp_in_segments", "TcpInSegs"),
    snmp("tcp_out_segments", "TcpOutSegs"),
    snmp("tcp_retransmits", "TcpRetransSegs"),
    snmp("tcp_in_errors", "TcpInErrs"),
    snmp("tcp_out_resets", "TcpOutRsts"),
    netstat("tcp_listen_overflows", "TcpExtListenOverflows"),
    netstat("tcp_listen_drops", "TcpExtListenDrops"),
    netstat("tcp_timeouts", "TcpExtTCPTimeouts"),
    netstat("tcp_backlog_drops", "TcpExtTCPBacklogDrop"),
    netstat("tcp_syn_retransmits", "TcpExtTCPSynRetrans"),
    snmp("udp_in_datagrams", "UdpInDatagrams"),
    snmp("udp_out_datagrams", "UdpOutDatagrams"),
    snmp("udp_no_ports", "UdpNoPorts"),
    snmp("udp_in_errors", "UdpInErrors"),
    snmp("udp_receive_buffer_errors", "UdpRcvbufErrors"),
    snmp("udp_send_buffer_errors", "UdpSndbufErrors"),
    gauge("sockets_used", "net/sockstat", "sockets_used"),
    gauge("tcp_sockets", "net/sockstat", "tcp_inuse"),
    gauge("tcp_orphans", "net/sockstat", "tcp_orphan"),
    gauge("tcp_time_wait", "net/sockstat", "tcp_tw"),
    gauge("udp_sockets", "net/sockstat", "udp_inuse"),
  ];
}

/** The collector's counters start with its process: between two of them there is a gap. */
function selfFormulas(
  index: (source: SourceName, field: string) => number,
): [name: string, formula: Formula][] {
  const started = index("self", "started_ms");
  const resident = index("self", "resident_bytes");
  const rate = (name: string, field: string, factor: number, most: number): [string, Formula] => {
    const at = index("self", field);
    return [
      name,
      (interval, row, column) => {
        row[column] =
          interval.before[started] === interval.after[started]
            ? Math.min(most, perSecond(interval, at, factor))
            : Number.NaN;
      },
    ];
  };
  return [
    rate("collector_cpu", "cpu_us", 100 / 1e6, 100),
    [
      "collector_memory_bytes",
      ({ after }, row, column) => {
        row[column] = after[resident] ?? Number.NaN;
      },
    ],
    rate("collector_missed_ticks", "missed_ticks", 1, Number.POSITIVE_INFINITY),
    rate("collector_dropped_samples", "dropped_samples", 1, Number.POSITIVE_INFINITY),
  ];
}

function pressureFormulas(
  index: (source: SourceName, field: string) => number,
): [name: string, formula: Formula][] {
  return (["cpu", "io", "memory"] as const).flatMap((resource) =>
    (["some", "full"] as const).map((share): [string, Formula] => {
      const at = index(`pressure/${resource}`, `${share}_total_us`);
      return [
        `psi_${resource}_${share}`,
        (interval, row, column) => {
          // The kernel adds up stall times of its CPUs at slightly different moments, so that 100 can be passed by a hair.
          row[column] = Math.min(100, perSecond(interval, at, 100 / 1e6));
        },
      ];
    }),
  );
}

function fieldsOf(source: SourceName): readonly string[] {
  return sources.find(({ name }) => name === source)?.fields ?? [];
}
