import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findSettings, readApiKey, readSettings } from "./config.ts";
import { createFolder } from "./sampling/fake-procfs.ts";
import { parseFlags } from "./setting-flags.ts";
import { oneOf, path, wholeNumber, type Program } from "./setting-shapes.ts";

const settings = {
  mode: oneOf(["slow", "fast"], "how"),
  spool_folder: path("where"),
  limit: wholeNumber("how many", { default: "5", least: 1, most: 9 }),
  store: path("what", "/var"),
};

function program(configuration: string): Program<typeof settings> {
  const file = join(createFolder(), "pcx.yaml");
  writeFileSync(file, configuration);
  return { name: "pcx", prefix: "PCX", files: ["/nonexistent/pcx.yaml", file], settings };
}

describe("findSettings()", () => {
  test("findSettings() tells where each value comes from", async () => {
    const pcx = program("mode: fast\nlimit: 7\nspool_folder: /spool\n");
    const { flags } = parseFlags(pcx, ["--spool-folder", "/flag"]);
    const found = await findSettings(pcx, {
      flags,
      environment: { PCX_LIMIT: "8", PCX_MODE: "" },
    });
    expect(found.map(({ name, value, given }) => [name, value, given?.origin ?? null])).toEqual([
      ["mode", "fast", `"mode" in ${pcx.files[1] ?? ""}`],
      ["spool_folder", "/flag", "--spool-folder"],
      ["limit", 8, "PCX_LIMIT"],
      ["store", "/var", null],
    ]);
  });

  test("findSettings() gives the faults of all settings, and the other values", async () => {
    const pcx = program("mode: quick\nlimit: 10\n");
    const found = await findSettings(pcx, { environment: {} });
    expect(found.map(({ value, error }) => error?.message ?? value)).toEqual([
      `Cannot use "mode" in ${pcx.files[1] ?? ""}: "quick" is not one of slow, fast`,
      null,
      `Cannot use "limit" in ${pcx.files[1] ?? ""}: "10" is not a whole number from 1 to 9`,
      "/var",
    ]);
    await expect(readSettings(pcx, { environment: {} })).rejects.toThrow('"quick" is not one of');
  });

  test("findSettings() reads the file that the program's own variable names", async () => {
    const file = join(createFolder(), "other.json");
    writeFileSync(file, '{"limit":3}');
    const environment = { PCX_CONFIG: file, PCC_CONFIG: "/nonexistent", PCC_LIMIT: "4" };
    expect(await readSettings(program("limit: 7"), { environment })).toEqual({
      mode: "slow",
      spool_folder: null,
      limit: 3,
      store: "/var",
    });
  });
});

describe("readApiKey()", () => {
  test("readApiKey() takes the file before the variable before systemd's credential, by the program's prefix", () => {
    const pcx = program("");
    const folder = createFolder();
    const file = join(folder, "key");
    writeFileSync(file, "pa_of_file\n");
    writeFileSync(join(folder, "pcx_api_key"), "pa_of_credential\n");
    const environment = { CREDENTIALS_DIRECTORY: folder, PCX_API_KEY: "pa_of_variable" };
    expect(readApiKey(pcx, file, environment)).toBe("pa_of_file");
    expect(readApiKey(pcx, null, environment)).toBe("pa_of_variable");
    expect(readApiKey(pcx, null, { CREDENTIALS_DIRECTORY: folder })).toBe("pa_of_credential");
    expect(() => readApiKey(pcx, null, { PCC_API_KEY: "pa_x" })).toThrow(
      "there is no key; set PCX_API_KEY, or PCX_API_KEY_FILE to a file that holds it",
    );
  });
});
