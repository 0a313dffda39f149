// What becomes of settings that are read anew while pcc runs.
import { listNames } from "./setting-shapes.ts";
import { pccProgram, type SettingName, type Settings } from "./settings.ts";

export interface SettingsChange {
  /** The settings that hold from now on. */
  settings: Settings;
  /** Names of those that hold now, and did not before. */
  changed: SettingName[];
  /** Names of those that hold with the next start only: what they name is open. */
  postponed: SettingName[];
}

const reloadable: ReadonlySet<SettingName> = new Set<SettingName>([
  "frequency",
  "fast",
  "rotate",
  "rotate_size",
  "keep_days",
  "keep_size",
  "portal",
  "api_key_file",
  ...listNames(pccProgram).filter(isFilter),
]);

/** Which devices are sampled. */
export function isFilter(name: SettingName): boolean {
  return /^(?:include|exclude)_/.test(name);
}

export function compareSettings(before: Settings, next: Settings): SettingsChange {
  const different = listNames(pccProgram).filter(
    // A regular expression and an address are the same where their texts are.
    (name) => String(before[name]) !== String(next[name]),
  );
  const postponed = different.filter((name) => !reloadable.has(name));
  const kept = Object.fromEntries(postponed.map((name) => [name, before[name]]));
  return {
    settings: { ...next, ...kept },
    changed: different.filter((name) => reloadable.has(name)),
    postponed,
  };
}

/** For people. A key may be another one in the same file. */
export function renderChange(
  { changed, postponed }: SettingsChange,
  { hasNewKey }: { hasNewKey: boolean },
): string {
  const now = changed.length === 0 ? "nothing changed" : `changed: ${changed.join(", ")}`;
  const settings = changed.length === 0 && hasNewKey ? "" : `, ${now}`;
  const key = hasNewKey ? "; the key is read anew" : "";
  const later = postponed.length === 0 ? "" : `; with the next start: ${postponed.join(", ")}`;
  return `settings read anew${settings}${key}${later}`;
}
