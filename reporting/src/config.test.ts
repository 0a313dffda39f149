import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError, parseConfig, readSettings } from "./config.ts";

const whole = `
machine:
  name: Web server 1
  uuid: web-01
metrics:
  storage_device: auto
  network_interface: eth1
  network_speeds: eth1=10000
paths:
  data_directory: /data/perf
  output_directory: /reports
report:
  time_zone: Europe/Berlin
`;

test("parseConfig() reads every key", async () => {
  expect(await parseConfig(whole, "config.yaml")).toEqual({
    machineName: "Web server 1",
    machineId: "web-01",
    storageDevice: "auto",
    networkInterface: "eth1",
    networkSpeeds: "eth1=10000",
    dataDirectory: "/data/perf",
    outputDirectory: "/reports",
    timeZone: "Europe/Berlin",
  });
});

test.each(["", "# nothing\n", "machine:\n"])(
  "parseConfig() takes a file without settings",
  async (text) => {
    expect(await parseConfig(text, "config.yaml")).toEqual({});
  },
);

test.each([
  ["machine:\n  nmae: x\n", /"machine\.nmae" is unknown; known are machine\.name, machine\.uuid/],
  [
    "machines:\n  name: x\n",
    /"machines" is unknown; known are machine, metrics, paths, portal, branding, report/,
  ],
  ["machine:\n  uuid: 17\n", /machine\.uuid is 17, not a text/],
  ["machine: web-01\n", /machine is "web-01", not a mapping/],
  ["- a\n", /the file is \["a"\], not a mapping/],
  ["machine:\n  name: [x\n", /config\.yaml:.*line/s],
])("parseConfig() refuses %j and says why", async (text, message) => {
  await expect(parseConfig(text, "config.yaml")).rejects.toThrow(ConfigError);
  await expect(parseConfig(text, "config.yaml")).rejects.toThrow(message);
});

test("readSettings() prefers flag to environment to file to default", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const configFile = join(folder, "config.yaml");
  await writeFile(configFile, whole);
  const settings = await readSettings({
    flags: { machineId: "from-flag" },
    configFile,
    environment: { PERF_REPORT_MACHINE: "from-env", PERF_REPORT_MACHINE_NAME: "Named by env" },
    clock: () => 1_700_000_000_500,
  });
  expect(settings).toEqual({
    cacheDirectory: join(homedir(), ".cache/perf-report/reports"),
    machineId: "from-flag",
    machineName: "Named by env",
    storageDevice: "auto",
    networkInterface: "eth1",
    networkSpeeds: "eth1=10000",
    dataDirectory: "/data/perf",
    outputDirectory: "/reports",
    timeZone: "Europe/Berlin",
    nowS: 1_700_000_000,
  });
});

test.each(["https://joe:s3cret@portal.example/", "ftp://:s3cret@portal.example"])(
  "readSettings() refuses the portal %s, and does not say its password",
  async (portal) => {
    const settings = readSettings({ flags: { portal }, configFile: null, environment: {} });
    await expect(settings).rejects.toThrow(ConfigError);
    await expect(settings).rejects.toThrow(/^(?!.*s3cret).*portal\.example.*leave them out/);
  },
);

test("readSettings() refuses a time zone that is none", async () => {
  const settings = readSettings({
    flags: {},
    configFile: null,
    environment: { PERF_REPORT_TIME_ZONE: "Berlin" },
  });
  await expect(settings).rejects.toThrow(ConfigError);
  await expect(settings).rejects.toThrow(/Cannot use the time zone "Berlin"/);
});

test("readSettings() reads branding with its logo, and refuses what cannot be read or does harm", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [logo, script] = [join(folder, "logo.svg"), join(folder, "script.svg")];
  await writeFile(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(script, '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
  const brandingOf = async (flags: Record<string, string>) =>
    (await readSettings({ flags, configFile: null, environment: {} })).branding;
  expect(await brandingOf({})).toBeUndefined();
  expect(await brandingOf({ brandingName: "ACME" })).toEqual({
    name: "ACME",
    colors: null,
    logo: null,
  });
  expect(await brandingOf({ brandingColor: "#7a0019", brandingLogo: logo })).toMatchObject({
    name: null,
    colors: { light: "#7a0019" },
    logo: { mediaType: "image/svg+xml" },
  });
  await expect(brandingOf({ brandingColor: "#ffff00" })).rejects.toThrow(ConfigError);
  await expect(brandingOf({ brandingLogo: script })).rejects.toThrow(ConfigError);
  for (const [name, why] of [
    ["none.png", "there is no such file or folder"],
    [".", "it is a folder"],
  ] as const) {
    const refused = brandingOf({ brandingLogo: join(folder, name) });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`Cannot use the logo ${join(folder, name)}: ${why}`);
  }
});

test("readSettings() takes paths of the file from its folder, those of flags from where the program runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const configFile = join(folder, "acme.yaml");
  await writeFile(join(folder, "logo.svg"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(
    configFile,
    "branding: { logo: logo.svg }\npaths: { data_directory: captures, output_directory: /reports }\n",
  );
  const flags = { keyFile: "read.key" };
  expect(await readSettings({ flags, configFile, environment: {} })).toMatchObject({
    branding: { logo: { mediaType: "image/svg+xml" } },
    dataDirectory: join(folder, "captures"),
    outputDirectory: "/reports",
    keyFile: "read.key",
  });
});

test("readSettings() names the file that it cannot read", async () => {
  const settings = readSettings({ flags: {}, configFile: tmpdir(), environment: {} });
  await expect(settings).rejects.toThrow(ConfigError);
  await expect(settings).rejects.toThrow(`Cannot read ${tmpdir()}: it is a folder`);
});

test("readSettings() refuses a variable that no setting has, and does not tell what is in it", async () => {
  const environment = { PERF_REPORT_KEYS: "pa_secret" };
  const settings = readSettings({ flags: {}, configFile: null, environment });
  const error = await settings.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toMatch(
    /PERF_REPORT_KEYS: no setting has this name; known are .*PERF_REPORT_KEY$/,
  );
  expect(String(error)).not.toContain("pa_secret");
  const empty = { PERF_REPORT_TIMEZONE: "", PERF_REPORTS: "all", PERF_REPORT_KEY: "pa_1" };
  expect(await readSettings({ flags: {}, configFile: null, environment: empty })).toMatchObject({
    key: "pa_1",
    timeZone: "UTC",
  });
});

test("readSettings() takes the title from flag, environment or file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const configFile = join(folder, "acme.yaml");
  await writeFile(configFile, "report: { title: Monthly check }\n");
  const titleOf = async (flags: { title?: string }, environment: NodeJS.ProcessEnv) =>
    (await readSettings({ flags, configFile, environment })).title;
  expect(await titleOf({}, {})).toBe("Monthly check");
  expect(await titleOf({}, { PERF_REPORT_TITLE: "May" })).toBe("May");
  expect(await titleOf({ title: "June" }, { PERF_REPORT_TITLE: "May" })).toBe("June");
});

test("readSettings() takes the time from SOURCE_DATE_EPOCH, and refuses what is no time", async () => {
  const at = (text: string) =>
    readSettings({ flags: {}, configFile: null, environment: { SOURCE_DATE_EPOCH: text } });
  await expect(at("1700000000")).resolves.toMatchObject({ nowS: 1_700_000_000 });
  await expect(at("yesterday")).rejects.toThrow(ConfigError);
});

test("readSettings() finds the cache where the user has caches, and none where the date is fixed", async () => {
  const cacheOf = async (environment: NodeJS.ProcessEnv, flags = {}) =>
    (await readSettings({ flags, configFile: null, environment })).cacheDirectory;
  expect(await cacheOf({ HOME: "/home/ana" })).toBe("/home/ana/.cache/perf-report/reports");
  expect(await cacheOf({ HOME: "/home/ana", XDG_CACHE_HOME: "/c" })).toBe("/c/perf-report/reports");
  expect(await cacheOf({ PERF_REPORT_CACHE_DIRECTORY: "/r" })).toBe("/r");
  expect(await cacheOf({ HOME: "/home/ana", SOURCE_DATE_EPOCH: "1" })).toBeNull();
});
