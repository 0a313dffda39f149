import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError, readSettings } from "./config.ts";

const secret = "0123456789abcdef0123456789abcdef";
const url = "postgresql://pa_control:p%40ss@db.example:6432/perf";

test("readSettings() needs nothing", () => {
  expect(readSettings({}, {})).toEqual({
    stateDirectory: join(homedir(), ".local/state/perfanalysis"),
    postgres: undefined,
    external: undefined,
    host: "127.0.0.1",
    port: 8080,
    publicUrl: undefined,
    trustedProxies: [],
    logLevel: "info",
  });
});

test("readSettings() takes flags before the environment", () => {
  const environment = {
    PORTAL_STATE_DIR: "/env",
    PORTAL_PORT: "1",
    PORTAL_HOST: "::1",
    XDG_STATE_HOME: "/xdg",
    PORTAL_TRUSTED_PROXIES: "10.0.0.1, 10.1.0.0/16",
  };
  expect(readSettings({ stateDir: "/flag", port: "2" }, environment)).toMatchObject({
    stateDirectory: "/flag",
    port: 2,
    host: "::1",
    trustedProxies: ["10.0.0.1", "10.1.0.0/16"],
  });
  expect(readSettings({}, { XDG_STATE_HOME: "/xdg" }).stateDirectory).toBe("/xdg/perfanalysis");
});

test("readSettings() takes apart what DATABASE_URL says", () => {
  const environment = {
    DATABASE_URL: url,
    MIGRATOR_DATABASE_URL: "postgresql://admin:root@db.example:6432/perf",
    PORTAL_SECRET: secret,
  };
  expect(readSettings({}, environment).external).toMatchObject({
    address: { host: "db.example", port: 6432, database: "perf" },
    control: { user: "pa_control", password: "p@ss" },
    migrator: { user: "admin", password: "root" },
    secret,
  });
});

test("readSettings() reads secrets from files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perfanalysis-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "secret");
  await writeFile(file, `${secret}\n`);
  const environment = { DATABASE_URL: url, PORTAL_SECRET_FILE: file };
  expect(readSettings({}, environment).external?.secret).toBe(secret);
  expect(() => readSettings({}, { DATABASE_URL_FILE: join(folder, "none") })).toThrow(
    "Cannot read DATABASE_URL_FILE",
  );
});

test("readSettings() says what is wrong, and quotes no secret", () => {
  for (const [flags, environment, message] of [
    [{ port: "eighty" }, {}, '"eighty" as a port'],
    [{ port: "65536" }, {}, '"65536" as a port'],
    [{}, { PORTAL_POSTGRES: "best" }, '"best" as PORTAL_POSTGRES'],
    [{ publicUrl: "portal.example" }, {}, '"portal.example" as the public URL'],
    [{ publicUrl: "https://portal.example/path" }, {}, "as the public URL"],
    [{ logLevel: "loud" }, {}, '"loud" as log level'],
    [{}, { DATABASE_URL: url }, "without PORTAL_SECRET"],
    [{}, { DATABASE_URL: url, PORTAL_SECRET: "short" }, "without PORTAL_SECRET"],
    [{}, { DATABASE_URL: "postgresql://db/perf", PORTAL_SECRET: secret }, "must all be given"],
    [{}, { DATABASE_URL: "postgresql://a:hunter2@:x:y/", PORTAL_SECRET: secret }, "DATABASE_URL"],
  ] as const) {
    const read = () => readSettings(flags, environment);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/hunter2|p%40ss|p@ss/);
  }
});
