import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isToken } from "@perfanalysis/contract/token";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createKey, openKeyRing, readKeys, revokeKey } from "./keys.ts";

const now = new Date("2026-01-08T00:00:00Z");
const options = { upstream: "portal", machineId: null, now };

function openRing(path: string) {
  const messages: string[] = [];
  const time = { ms: 0 };
  const ring = openKeyRing(path, {
    monotonicMs: () => time.ms,
    report: (message) => messages.push(message),
  });
  return { ring, messages, time };
}

describe("createKey()", () => {
  test.skipIf(process.geteuid?.() !== 0)(
    "createKey() lets pcd's user read the file, whatever root's umask is (as root)",
    () => {
      const before = process.umask(0o077);
      onTestFinished(() => void process.umask(before));
      const path = join(createFolder(), "keys.json");
      createKey(path, { ...options, name: "web-01" });
      expect(statSync(path).mode & 0o777).toBe(0o644);
      chmodSync(path, 0o640);
      chownSync(path, 0, 12_345);
      createKey(path, { ...options, name: "web-02" });
      const { mode, gid } = statSync(path);
      expect({ mode: mode & 0o777, gid }).toEqual({ mode: 0o640, gid: 12_345 });
    },
  );

  test("createKey() says which file it cannot write, and why", () => {
    const folder = createFolder();
    writeFileSync(join(folder, "file"), "");
    const path = join(folder, "file/keys.json");
    expect(() => createKey(path, { ...options, name: "web-01" })).toThrow(
      `Cannot write keys to ${path}: E`,
    );
  });

  test("createKey() gives a key once, and keeps only its hash", () => {
    const path = join(createFolder(), "made/keys.json");
    const { key, token } = createKey(path, { ...options, name: "web-01", machineId: "web-01" });
    expect(isToken(token)).toBe(true);
    expect(token).toMatch(/^pa_ingest_/);
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain(token.slice(10, 36));
    expect(JSON.parse(text)).toEqual({
      format: "perfanalysis-gateway-keys",
      keys: [
        {
          name: "web-01",
          sha256: key.sha256,
          hint: token.slice(-4),
          upstream: "portal",
          machine_id: "web-01",
          created: "2026-01-08T00:00:00.000Z",
          revoked: null,
        },
      ],
    });
    expect(readKeys(path)).toEqual([key]);
  });

  test.each(["", " web", "a\nb", "x".repeat(65), "=cmd"])(
    "createKey() refuses the name %j",
    (name) => {
      const path = join(createFolder(), "keys.json");
      expect(() => createKey(path, { ...options, name })).toThrow("Cannot create key");
      expect(readKeys(path)).toEqual([]);
    },
  );

  test("createKey() takes a name again once its key is revoked", () => {
    const path = join(createFolder(), "keys.json");
    createKey(path, { ...options, name: "web" });
    expect(() => createKey(path, { ...options, name: "web" })).toThrow("there is one of this name");
    revokeKey(path, { name: "web", now });
    createKey(path, { ...options, name: "web", upstream: "other" });
    expect(readKeys(path).map(({ upstream, revoked }) => [upstream, revoked])).toEqual([
      ["portal", "2026-01-08T00:00:00.000Z"],
      ["other", null],
    ]);
    expect(() => revokeKey(path, { name: "db", now })).toThrow("there is no valid key");
  });
});

describe("openKeyRing()", () => {
  test("openKeyRing() sees within half a second what is made and revoked", () => {
    const path = join(createFolder(), "keys.json");
    const { ring, time } = openRing(path);
    const { token, key } = createKey(path, { ...options, name: "web" });
    time.ms += 500;
    expect(ring.find(token)).toEqual(key);
    expect(ring.count()).toBe(1);
    revokeKey(path, { name: "web", now });
    time.ms += 500;
    expect(ring.find(token)).toBeNull();
    expect(ring.count()).toBe(0);
  });

  test("openKeyRing() holds on to its keys while the file is damaged, and says so", () => {
    const path = join(createFolder(), "keys.json");
    const { token } = createKey(path, { ...options, name: "web" });
    const whole = readFileSync(path, "utf8");
    const { ring, messages, time } = openRing(path);
    writeFileSync(path, whole.slice(0, -20));
    time.ms += 500;
    expect(ring.find(token)?.name).toBe("web");
    expect(ring.error).toContain(`Cannot read keys of ${path}`);
    expect(messages).toHaveLength(1);
    writeFileSync(path, whole);
    time.ms += 500;
    expect(ring.find(token)?.name).toBe("web");
    expect(ring.error).toBeNull();
  });

  test("openKeyRing() tells keys that were never read from none, until they are", () => {
    const path = join(createFolder(), "keys.json");
    const { token } = createKey(path, { ...options, name: "web" });
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, -20));
    const { ring, messages, time } = openRing(path);
    expect(ring.isRead).toBe(false);
    expect(ring.find(token)).toBeNull();
    time.ms += 500;
    expect(ring.count()).toBe(0);
    expect(messages).toEqual([expect.stringContaining("until it can be read, nothing is taken")]);
    writeFileSync(path, whole);
    time.ms += 500;
    expect(ring.find(token)?.name).toBe("web");
    expect(ring.isRead).toBe(true);
    expect(messages[1]).toBe(`the keys of ${path} can be read again`);
    expect(openRing(join(createFolder(), "none.json")).ring.isRead).toBe(true);
  });

  test("openKeyRing() does not take a place that it cannot look into for no keys", () => {
    const file = join(createFolder(), "file");
    writeFileSync(file, "");
    const { ring } = openRing(join(file, "keys.json"));
    expect(ring).toMatchObject({ isRead: false, error: expect.stringContaining("ENOTDIR") });
  });

  test.each([
    ["[]", "it is no file of gateway keys"],
    ['{"format":"perfanalysis-gateway-keys","keys":[{}]}', "key 1 lacks something"],
    ["", "JSON"],
  ])("openKeyRing() takes no key of a file that holds %j", (text, why) => {
    const path = join(createFolder(), "keys.json");
    writeFileSync(path, text);
    expect(openRing(path).ring.error).toContain(why);
    expect(() => createKey(path, { ...options, name: "web" })).toThrow(why);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
