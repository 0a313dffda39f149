import { expect, test } from "vitest";
import { listFindings } from "./findings/ranking.ts";
import { makeReport, SettingsError, type ReportOptions } from "./report.ts";
import { during, testSamples, testStartS, toCsv, type TestMachine } from "./testing/machine.ts";
import { ailments, measuredInFull } from "./testing/machines.ts";
import { digestOf, inputOf, testInput, testOptions, testReport, toPage } from "./testing/report.ts";

const render = async (machine: TestMachine, changes: Partial<ReportOptions> = {}) =>
  toPage((await testReport(machine, changes)).document);

const day: TestMachine = { rows: 8640 };

test("a quiet day is reported as such, in words and numbers", async () => {
  const page = await render(day);
  expect(page).toContain("<b>Nothing is wrong</b>");
  expect(page).toMatch(/nothing is wrong: CPU, memory and disks were measured/);
  expect(page).not.toContain('class="finding');
});

test("a capture too short for any rule does not call good what was wrong in all of it, or as it ended", async () => {
  const busy = (from: number) => ({
    cpu_user: during(from, 60, { high: 92, low: 12 }),
    cpu_idle: during(from, 60, { high: 2, low: 83 }),
    procs_running: during(from, 60, { high: 9, low: 1 }),
  });
  const whole = await render({ rows: 240, intervalS: 1, columns: busy(0) });
  expect(whole).toContain("<b>Undecided</b>");
  expect(whole).toContain("<span>The CPUs were saturated in all 4\u{a0}min captured.</span>");
  expect(whole).toMatch(/something was wrong, though not for long enough at a stretch/);
  expect(whole).not.toMatch(/nothing is wrong/i);
  const ending = await render({ rows: 3600, intervalS: 1, columns: busy(56) });
  expect(ending).toContain("<b>Undecided</b>");
  expect(ending).not.toMatch(/nothing is wrong/i);
  const swapping = { vm_swapin_pages: during(10, 20, { high: 900, low: 0 }) };
  const both = await render({ rows: 3600, intervalS: 1, columns: { ...busy(56), ...swapping } });
  expect(both).toMatch(
    /one thing needs attention: memory was swapped [^.]*\. Undecided, since too short to be told from a burst: the CPUs were saturated at the end of the capture\./,
  );
});

test("of one sample the verdict does not speak as of a length of time", async () => {
  const page = await render({ rows: 1, intervalS: 1 });
  expect(page).toMatch(/In the one sample from \S+ nothing is judged/);
  expect(page).not.toMatch(/In the 0/);
});

test("data that carries no conclusion says on the first page why, and what to do", async () => {
  const memory = (gibibytes: number) => () => gibibytes * 2 ** 30;
  const [header = "", ...some] = toCsv(testSamples({ rows: 360 }))
    .trim()
    .split("\n");
  const larger = { mem_total: memory(64), mem_available: memory(50), mem_free: memory(40) };
  const other = { rows: 360, startS: testStartS + 1, columns: larger };
  const [, ...others] = toCsv(testSamples(other)).trim().split("\n");
  const rows = some.flatMap((row, at) => [row, others[at] ?? ""]);
  const input = await inputOf(`${[header, ...rows].join("\n")}\n`);
  const { document, judgements } = makeReport(input, testOptions);
  expect(document.cover).toMatchObject({
    grade: "F",
    status: { tone: "unknown", text: "Nothing is judged" },
    statusText: "The samples are those of more than one machine.",
  });
  expect(listFindings(judgements).map(({ rule }) => rule.id)).toEqual(["data-quality"]);
  const [first = ""] = toPage(document).split('id="cpu"');
  expect(first).toMatch(
    /nothing is judged: the samples are those of more than one machine\. The data has grade F/,
  );
  expect(first).toMatch(/Samples go back and forth between 16\.0.GiB of memory and 64\.0.GiB/u);
  expect(first).toMatch(/tell the rows apart by what differs/);
});

test("data of grade D is not called good, though no rule found anything", async () => {
  const [header = "", ...rows] = toCsv(testSamples({ rows: 360 }))
    .trim()
    .split("\n");
  const twice = [header, ...rows.flatMap((row) => [row, row])];
  const { document } = makeReport(await inputOf(`${twice.join("\n")}\n`), testOptions);
  expect(document.cover).toMatchObject({
    grade: "D",
    status: { tone: "good", text: expect.stringMatching(/^No finding in \d+ of \d+ checks$/) },
    statusText: expect.stringContaining("no proof"),
  });
  expect(toPage(document)).not.toMatch(/nothing is wrong/i);
});

test("a capture of minutes in which nothing was wrong says how long one must be, not that all is well", async () => {
  const page = await render({ rows: 240, intervalS: 1 });
  expect(page).toContain("<b>Not enough data to judge</b>");
  expect(page).toMatch(/there is too little to judge by: .* Capture for an hour or longer/);
  expect(page).not.toMatch(/nothing is wrong/i);
});

test("a report has the sections that an expert would hand over, and every link in it leads somewhere", async () => {
  const columns = { cpu_idle: during(60, 90, { high: 1, low: 80 }), cpu_iowait: () => 0 };
  const page = await render({ ...day, columns });
  const titles = [...page.matchAll(/<section[^>]*aria-labelledby="([a-z]+)-heading"/g)].map(
    ([, id]) => id,
  );
  expect(titles).toEqual([
    "verdict",
    "cpu",
    "load",
    "memory",
    "disk",
    "network",
    "profile",
    "sizing",
    "checks",
    "quality",
    "annex",
  ]);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
  expect(anchors).toContain("chart-cpu-busy");
  expect(anchors.filter((anchor) => !ids.has(anchor))).toEqual([]);
});

test("a report says all that its reader warns of, also where a column has no name", async () => {
  const [header, ...lines] = toCsv(testSamples({ rows: 60 }))
    .trim()
    .split("\n");
  const text = [`${header},`, ...lines.map((line) => line.replace(",", ".5,") + ",")].join("\n");
  const { document } = makeReport(await inputOf(`${text}\n`), testOptions);
  const page = toPage(document);
  expect(page).toContain("Timestamps with fractions of a second, which were cut off: 60.");
  expect(page).toContain("does not know were not read: &quot;&quot;.");
});

test("a day of data has its busiest hours and heat maps, in UTC and on the reader's clock", async () => {
  const columns = { cpu_idle: during(600, 660, { high: 10, low: 80 }), cpu_iowait: () => 0 };
  const page = await render({ ...day, columns }, { timeZone: "America/New_York" });
  expect(page).toMatch(
    /The busiest hour was 2 Mar 2026 10:00 – 11:00 UTC \(2 Mar 2026 05:00 – 06:00 America\/New_York\): CPU busy, 90.0\u{a0}% on average/u,
  );
  expect(page).toContain('id="chart-hours-cpu"');
  expect(page).toContain("<dt>Window in America/New_York</dt>");
  expect(page).toContain("Times are UTC; hours of the day are those of America/New_York.");
});

test("a day of which most is missing has no heat maps and no average day, and says why", async () => {
  const samples = testSamples({ rows: 4 * 1440, intervalS: 60 });
  const [header, ...lines] = toCsv(samples).trim().split("\n");
  // Of each day the first three hours.
  const measured = lines.filter((_, minute) => minute % 1440 < 180);
  const input = await inputOf(`${[header, ...measured].join("\n")}\n`);
  const page = toPage(makeReport(input, testOptions).document);
  expect(page).not.toMatch(/id="chart-(hours-|average-day)/);
  expect(page).toMatch(/<li>[^<]* measured: nothing about the daily course below 60 % of a day\./);
});

test("a load profile tells when the level of use changed, and from three days on whether days are alike", async () => {
  const office = (s: number) => ((s / 3600) % 24 >= 8 && (s / 3600) % 24 < 18 ? 40 : 80);
  const machine = { intervalS: 300, columns: { cpu_iowait: () => 0 } };
  const stepped = await render({
    ...machine,
    rows: 144,
    columns: { ...machine.columns, cpu_idle: (s: number) => (s < 6 * 3600 ? 80 : 30) },
  });
  expect(stepped).toMatch(
    /<th scope="row">CPU<\/th><td class="left">2 Mar 2026 06:00<\/td><td>20.0.%<\/td><td>70.0.%<\/td>/u,
  );
  expect(stepped).not.toContain("resemble the same hours");
  const days = await render({
    ...machine,
    rows: 4 * 288,
    columns: { ...machine.columns, cpu_idle: office },
  });
  expect(days).toContain("No resource changed its level of use for good.");
  expect(days).toMatch(/resemble the same hours of the day before .*: CPU 0\.[6-9]/);
});

test("a full line has its chart, however many interfaces carry more", async () => {
  const columns: Record<string, () => number> = Object.fromEntries(
    [0, 1, 2, 3, 4, 5].flatMap((number) => [
      [`net_eth${number}_rx_bytes`, () => (number === 5 ? 12e5 : 1e9)],
      [`net_eth${number}_tx_bytes`, () => 0],
    ]),
  );
  const page = await render({ rows: 360, columns }, { networkSpeeds: "eth5=10" });
  expect(page).toContain("The line of eth5 was full");
  expect(page).toContain('href="#chart-net-bytes-eth5"');
  expect(page).toContain('id="chart-net-bytes-eth5"');
});

const fullLine = during(20, 40, { high: 118e6, low: 1e6 });
const reportTold = async (
  interfaceSpeedsMbps: Record<string, number>,
  options: Partial<ReportOptions> = {},
) => {
  const columns = { net_eth0_tx_bytes: fullLine, net_eth1_tx_bytes: () => 1e6 };
  const input = await testInput({ rows: 720, columns });
  const facts = { ...input.facts, interfaceSpeedsMbps };
  const { document } = makeReport({ ...input, facts }, { ...testOptions, ...options });
  const interfaces = document.cover.facts.find(({ label }) => label === "Interfaces")?.value;
  return { page: toPage(document), interfaces };
};

test("a line is judged by the speed that the machine tells, and the report says so beside it", async () => {
  const { page, interfaces } = await reportTold({ eth0: 1000, eth9: 10 });
  expect(interfaces).toMatch(/^eth0 \(1.Gbit\/s\), eth1; speeds as the machine tells$/);
  expect(page).toContain("The line of eth0 was full at times");
  expect(page).toMatch(/Its line carries 1.Gbit\/s in each direction, as the machine tells\./);
  expect(page).toMatch(/<th scope="row">eth0<\/th><td>1.Gbit\/s<\/td>/);
  expect(page).toMatch(/<th scope="row">eth1<\/th><td>–<\/td>/);
  expect(page).toMatch(/eth0 sent<\/th><td class="left">its speed, 119.MiB\/s/);
  expect(page).toContain("its provider or the switch may let less through");
});

test("a speed that is given beats the machine's, and that of another interface stays the machine's", async () => {
  const { page, interfaces } = await reportTold(
    { eth0: 1000, eth1: 2500 },
    { networkSpeeds: "eth0=10000" },
  );
  expect(interfaces).toMatch(
    /^eth0 \(10.Gbit\/s, as given\), eth1 \(2\.5.Gbit\/s\); speeds as the machine tells$/,
  );
  expect(page).not.toContain("The line of eth0 was full");
});

test("a speed that the machine tells is silent where it is far above the traffic, and not believed below it", async () => {
  const cloud = await reportTold({ eth0: 50_000 });
  expect(cloud.page).not.toContain("The line of eth0 was full");
  const slow = await reportTold({ eth0: 100, eth1: 1000 });
  expect(slow.interfaces).toMatch(
    /^eth0 \(told 100.Mbit\/s, but carried 944.Mbit\/s\), eth1 \(1.Gbit\/s\); speeds as the machine tells$/,
  );
  expect(slow.page).not.toContain("The line of eth0 was full");
  expect(slow.page).toMatch(/carries 100.Mbit\/s; it carried 944.Mbit\/s .* not believed/);
  expect(slow.page).toMatch(/eth0 sent<\/th><td class="left">its own peak/);
});

test("what containers used together has its unit where the number of CPUs is unknown", async () => {
  const columns = {
    cpu0_idle: null,
    cpu1_idle: null,
    container_web_cpu: () => 50,
    container_batch_cpu: () => 25,
  };
  expect(await render({ rows: 360, columns })).toMatch(/together used 0\.750?.CPUs on average/);
});

test("a shorter capture says once why it has no heat map, and names no busiest hour below two", async () => {
  const page = await render({ rows: 1000 });
  expect(page).not.toContain('id="chart-hours-');
  expect(page).toContain("The busiest hour was 2 Mar 2026");
  const reason = /captured: nothing about the daily course below 24.h/gu;
  expect(page.split('id="quality"')[1]?.match(reason)).toHaveLength(1);
  expect(page.split('id="checks"')[0]).not.toMatch(reason);
  expect(await render({ rows: 360 })).not.toContain("The busiest hour was");
});

test("a disk or an interface on which nothing happened has its row among all, and no table of zeros", async () => {
  const fields = ["read_bytes", "write_bytes", "busy", "queue"];
  const idle = fields.map((field): [string, () => number] => [`disk_sr0_${field}`, () => 0]);
  const lo = { net_lo_rx_bytes: () => 0, net_lo_tx_bytes: () => 0 };
  const page = await render({ rows: 60, columns: { ...Object.fromEntries(idle), ...lo } });
  expect(page).toContain('<th scope="row">sr0</th>');
  expect(page).toContain("<span>sda: all figures</span>");
  expect(page).not.toContain("<span>sr0: all figures</span>");
  expect(page).not.toContain("<span>lo: all figures</span>");
});

test("every resource has its utilisation, saturation and errors, or says what is not in the data", async () => {
  const page = await render({ ...day, columns: { vm_oom_kills: () => 0 } });
  for (const resource of ["CPU", "Memory", "Disk sda", "Interface eth0"]) {
    expect(page).toContain(`aria-label="${resource}: utilisation, saturation, errors"`);
  }
  expect(page).toMatch(/Errors<\/th><td class="left">not in the data/);
  expect(page).toMatch(/Errors<\/th><td class="left">Out-of-memory kills/);
});

test("CPUs, distributions and disks side by side have their pictures", async () => {
  const columns = { disk_sdb_busy: () => 3, disk_sdb_write_bytes: () => 10 };
  const page = await render({ ...day, columns });
  for (const id of [
    "cpu-strips",
    "histogram-cpu",
    "ecdf-cpu",
    "disks-busy",
    "histogram-disk-sda",
  ]) {
    expect(page).toContain(`id="chart-${id}"`);
  }
});

test("the busiest disks are told and drawn, also where others moved more bytes", async () => {
  // The last of 25 moves the least and is the busiest.
  const disks = Array.from({ length: 25 }, (_, at) => `nvme${at}n1`);
  const columns = Object.fromEntries(
    disks.flatMap((name, at) => [
      [`disk_${name}_write_bytes`, () => 1e8 - 1e6 * at],
      [`disk_${name}_busy`, () => 20 + at],
    ]),
  );
  const { document } = await testReport({ ...day, columns });
  const blocks = document.sections.flatMap((section) => section.blocks);
  const tiles = blocks.flatMap((block) => (block.kind === "tiles" ? block.tiles : []));
  expect(tiles).toContainEqual({
    label: "Disk nvme24n1 busy",
    value: "44.0\u{a0}%",
    note: "95th percentile, the busiest of 26",
    anchor: "disk",
  });
  const bars = blocks
    .filter((block) => block.kind === "figure")
    .find(({ id }) => id === "chart-disks-busy");
  expect(bars?.title).toBe("The 20 busiest of 26 disks, side by side");
  const drawn = [...String(bars?.chart.svg).matchAll(/<tspan [^>]*>(\w+)</g)].map(
    ([, name]) => name,
  );
  expect(drawn).toEqual(disks.toReversed().slice(0, 20));
});

test("resources of every kind stand side by side, and of three days there is an average one", async () => {
  const page = await render(day);
  expect(page).toContain('id="chart-use"');
  expect(page).not.toContain('id="chart-average-day"');
  expect(await render({ rows: 3 * 1440 + 10, intervalS: 60 })).toContain('id="chart-average-day"');
});

test("means of single CPUs are weighed by time, as those of all are", async () => {
  // Busy for half an hour at a sample a second, idle for an hour at one a minute.
  const idle = (s: number): number => (s < 1800 ? 10 : 90);
  const columns = { cpu_idle: idle, cpu_iowait: () => 0, cpu0_idle: idle, cpu1_idle: idle };
  const samples = testSamples({ rows: 5400, intervalS: 1, columns });
  const [header, ...lines] = toCsv(samples).trim().split("\n");
  const kept = lines.filter((_, second) => second < 1800 || second % 60 === 0);
  const input = await inputOf(`${[header, ...kept].join("\n")}\n`);
  const { document, dataset } = makeReport(input, testOptions);
  const busy = dataset.measure("cpu_busy");
  expect(busy && dataset.summary(busy).mean).toBeCloseTo(36.7, 0);
  const rows = document.sections.flatMap(({ blocks }) =>
    blocks.flatMap((one) => (one.kind === "table" ? one.rows : [])),
  );
  expect(rows.find(([name]) => name === "CPU 0")?.[1]).toMatch(/^3[67]\.\d/);
});

test("what nobody measured has no picture", async () => {
  const page = await render({ rows: 30, columns: { cpu0_idle: null, cpu1_idle: null } });
  expect(page).not.toMatch(/id="chart-(cpu-strips|histogram-[^"]*|hours-[^"]*)"/);
});

test("the verdict has seven findings, and the others a section of their own that it leads to", async () => {
  const network = { tcp_listen_overflows: () => 10, tcp_time_wait: () => 25_000 };
  const ill = Object.values(ailments).toReversed();
  const columns = Object.assign({}, measuredInFull, network, ...ill);
  const { document, judgements } = await testReport({ ...day, columns });
  const found = listFindings(judgements).map(({ rule }) => rule.id);
  const shown = (id: string) =>
    document.sections
      .filter((section) => section.id === id)
      .flatMap(({ blocks }) => blocks.flatMap((one) => (one.kind === "finding" ? one.ruleId : [])));
  expect(found.length).toBeGreaterThan(7);
  expect(shown("verdict")).toEqual(found.slice(0, 7));
  expect(shown("further-findings")).toEqual(found.slice(7));
  expect(JSON.stringify(document.sections[0])).toContain('"anchor":"further-findings"');
});

test.each([
  [
    "filesystem-inodes",
    {
      "fs_/data_used": () => 40,
      "fs_/data_inodes": () => 1e6,
      "fs_/data_inodes_free": () => 20_000,
    },
  ],
  ["network-errors", { net_eth0_rx_packets: () => 100, net_eth0_rx_errors: () => 50 }],
  [
    "disk-saturation",
    {
      disk_sdb_read_bytes: () => 10,
      disk_sdb_busy: during(10, 40, { high: 100, low: 5 }),
      disk_sdb_queue: during(10, 40, { high: 30, low: 0.1 }),
      disk_sdb_await_ms: during(10, 40, { high: 90, low: 1 }),
    },
  ],
] as const)("the chart that shows what %s found is drawn", async (id, columns) => {
  const { document, judgements } = await testReport({ rows: 360, columns });
  const [found] = listFindings(judgements).filter(({ rule }) => rule.id === id);
  const shown = document.sections.flatMap(({ blocks }) =>
    blocks.flatMap((one) => (one.kind === "finding" && one.ruleId === id ? one.evidence : [])),
  );
  expect(found?.finding.evidence[0]?.chartId).toMatch(/^chart-/);
  expect(shown.map(({ anchor }) => anchor)).toEqual(
    found?.finding.evidence.map(({ chartId }) => chartId),
  );
});

test("no id occurs twice", async () => {
  const page = await render(day);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("the report loads nothing, and its policy admits only its own style and script", async () => {
  const page = await render(day);
  expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
    /https?:|src=|@import|url\((?!#)/,
  );
  const [, style = ""] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
  const [, script = ""] = /<script>([^]*?)<\/script>/.exec(page) ?? [];
  const [, policy = ""] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(page) ?? [];
  expect(policy.replaceAll("&#39;", "'")).toBe(
    `default-src 'none'; style-src 'sha256-${digestOf(style)}'; script-src 'sha256-${digestOf(script)}'; base-uri 'none'; form-action 'none'`,
  );
  expect(page).not.toMatch(/ style="| on[a-z]+="/);
});

test("the same input and clock give the same bytes", async () => {
  expect(await render(day)).toBe(await render(day));
});

test("names from the data and the settings stay text", async () => {
  const evil = `</script><img src=x onerror="alert(1)">\u{2028}'`;
  const columns = {
    disk_evil_read_bytes: () => 1e9,
    disk_evil_write_bytes: () => 1e9,
    disk_evil_queue: () => 50,
    net_evil_rx_bytes: () => 1e9,
    net_evil_tx_bytes: () => 1e9,
  };
  // The parser refuses such names: this is what would happen if it did not.
  const device = '<img onerror=1>"</script>';
  const { columns: known, ...rest } = testSamples({ ...day, columns });
  const samples = {
    ...rest,
    columns: known.map((column) =>
      column.device === "evil"
        ? { ...column, device, name: column.name.replace("evil", () => device) }
        : column,
    ),
  };
  const input = await testInput(day);
  const report = makeReport(
    { ...input, samples },
    { ...testOptions, machineName: evil, title: evil, sourceName: evil },
  );
  const page = toPage(report.document);
  expect([report.disks[0], report.interfaces[0]]).toEqual([device, device]);
  expect(page).toContain("&lt;img onerror=1&gt;");
  expect(page).not.toMatch(/<img/);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<\/script/g)).toHaveLength(1);
});

test("the device that the settings name is shown first, and one that is not there is refused", async () => {
  const columns = { disk_sdb_read_bytes: () => 1, disk_sdb_write_bytes: () => 1 };
  const report = await testReport({ ...day, columns }, { storageDevice: "sdb" });
  expect(report.disks).toEqual(["sdb", "sda"]);
  await expect(testReport(day, { networkInterface: "wlan0" })).rejects.toThrow(
    new SettingsError('Cannot show interface "wlan0" first: the data has eth0'),
  );
});

test("load and pressure have their hours, and pressure stands beside what is in use", async () => {
  const columns = { ...measuredInFull, psi_cpu_some: (s: number) => 3 + (s % 70) / 10 };
  const { document } = await testReport({ ...day, columns });
  const page = toPage(document);
  expect(page).toContain('id="chart-hours-load"');
  expect(page).toContain('id="chart-hours-pressure"');
  const pressure = document.sections.find(({ id }) => id === "pressure");
  expect(pressure?.blocks).toContainEqual(
    expect.objectContaining({
      kind: "table",
      rows: [
        ["CPU", ...Array<unknown>(4).fill(expect.stringMatching(/%$/)), "–", "–"],
        ["Memory", ...Array<unknown>(6).fill(expect.stringMatching(/%$/))],
        ["Disk sda", ...Array<unknown>(6).fill(expect.stringMatching(/%$/))],
      ],
    }),
  );
});

test.each([1, 2, 20])(
  "%i samples are too few for a verdict, and the report says so",
  async (rows) => {
    const page = await render({ rows });
    expect(page).toContain("Not enough data to judge");
    expect(page).toContain("they are no verdict");
  },
);

test("makeReport() calls a machine that nobody named by its host name, and tells its id", async () => {
  const machineId = "0123456789abcdef0123456789abcdef";
  const input = await testInput({ rows: 60, machineId });
  const facts = { ...input.facts, hostName: "db-07" };
  const { document } = makeReport({ ...input, facts }, testOptions);
  expect(document.cover.heading).toBe("db-07");
  const value = [{ kind: "code", text: machineId }];
  expect(document.cover.facts).toContainEqual({ label: "Machine id", value });
  expect(JSON.stringify(document.sections[0])).not.toContain(machineId);
  const named = makeReport({ ...input, facts }, { ...testOptions, machineName: "Orders" });
  expect(named.document.cover.heading).toBe("Orders");
  expect(makeReport(input, testOptions).document.cover.heading).toBe(machineId);
});

test.each(["localhost", "localhost.localdomain", "(none)", "", " "])(
  "makeReport() calls a machine by its id where its host name is %j, which is no name",
  async (hostName) => {
    const input = await testInput({ rows: 60 });
    const { document } = makeReport({ ...input, facts: { ...input.facts, hostName } }, testOptions);
    expect(document.cover.heading).toBe("web-01");
  },
);

test("a batch window says whose clock it starts by, and a profile without one that nothing stood out", async () => {
  const night = { cpu_idle: during(120, 180, { high: 20, low: 95 }), cpu_iowait: () => 0 };
  const page = await render({ ...day, columns: night }, { timeZone: "Europe/Berlin" });
  expect(page).toContain("Starts at (Europe/Berlin)");
  expect(await render(day)).toContain("nothing stood out");
});

test("a machine's CPU section speaks of one CPU where there is one, and of several else", async () => {
  expect(await render({ rows: 60, columns: { cpu1_idle: null } })).toContain("The CPU was busy");
  expect(await render({ rows: 60 })).toContain("The CPUs were busy");
});

test("a report of many disks, all of them ill, shows the worst and says how many more there are", async () => {
  const columns: NonNullable<TestMachine["columns"]> = {};
  for (let disk = 0; disk < 40; disk++) {
    columns[`disk_sd${disk}_busy`] = () => 99;
    columns[`disk_sd${disk}_queue`] = () => 30;
    columns[`disk_sd${disk}_await_ms`] = () => 40;
    columns[`disk_sd${disk}_read_bytes`] = () => 1e6 * (disk + 1);
  }
  const { document, judgements } = await testReport({ rows: 720, columns });
  const found = listFindings(judgements).find(({ rule }) => rule.id === "disk-saturation");
  expect(found?.finding.evidence.length).toBeGreaterThanOrEqual(40);
  const blocks = document.sections.flatMap((section) => section.blocks);
  const shown = blocks.find((block) => block.kind === "finding");
  expect(shown).toMatchObject({ ruleId: "disk-saturation" });
  expect(shown?.kind === "finding" && shown.evidence).toHaveLength(6);
  expect(shown?.kind === "finding" && shown.further).toMatch(/^\d+ more of the kind/);
  expect(blocks.filter(({ kind }) => kind === "figure").length).toBeLessThan(60);
});
