import { readFileSync } from "node:fs";

const name = "NODE_EXTRA_CA_CERTS";

/**
 * The variable that tells the packages' service whom to trust besides, from the file where it gets its variables; empty where there is
 * none, or this user may not read it. What pcctl finds on the way to the portal is then what the service finds.
 * Format: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
 */
export function readServiceAuthorities(
  path = "/etc/default/perfcollector",
): Readonly<Record<string, string>> {
  try {
    const lines = readFileSync(path, "utf8").matchAll(
      /^[ \t]*NODE_EXTRA_CA_CERTS=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\n]*?))[ \t]*$/gm,
    );
    // Of several the last one holds.
    const [, double, single, bare] = Array.from(lines).at(-1) ?? [];
    const file = double ?? single ?? bare ?? "";
    return file === "" ? {} : { [name]: file };
  } catch {
    return {};
  }
}
