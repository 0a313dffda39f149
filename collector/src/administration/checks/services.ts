// Whether the packages' services run, where systemd has them: https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { failure, ok, warning, type Finding } from "./finding.ts";

const units = ["perfcollector.service", "pcd.service", "perfcollector-upload.service"];
const properties = "Id,UnitFileState,ActiveState,SubState,Result,ExecMainStatus";
/** A systemd that hangs must not hang whoever asks. */
const timeoutMs = 5000;

/** Nothing of services that are not there or not switched on. */
export async function checkServices(): Promise<Finding[]> {
  const texts = await showUnits();
  return texts.flatMap((text) => {
    const unit = new Map(
      text.split("\n").map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)] as const;
      }),
    );
    return describeUnit((property) => unit.get(property) ?? "");
  });
}

/** Where there is no systemd, or not as the first process, there is nothing to tell. */
async function showUnits(): Promise<string[]> {
  try {
    const args = ["show", `--property=${properties}`, ...units];
    const { stdout } = await promisify(execFile)("systemctl", args, { timeout: timeoutMs });
    return stdout.trim().split("\n\n");
  } catch {
    return [];
  }
}

function describeUnit(get: (property: string) => string): Finding[] {
  const unit = get("Id");
  // A unit that systemd restarts is "activating" until it has run for a moment.
  if (get("ActiveState") === "failed" || get("SubState") === "auto-restart") {
    const result = get("Result");
    const why = result === "exit-code" ? `exit code ${get("ExecMainStatus")}` : result;
    return [
      failure(
        "service",
        `${unit} has failed: ${why}`,
        `"journalctl -u ${unit} -n 20" tells why; then "systemctl restart ${unit}".`,
      ),
    ];
  }
  if (get("UnitFileState") !== "enabled") return [];
  if (get("ActiveState") === "active") return [ok("service", `${unit} runs`)];
  const state = get("ActiveState");
  return [warning("service", `${unit} is switched on, and ${state}`, `systemctl start ${unit}`)];
}
