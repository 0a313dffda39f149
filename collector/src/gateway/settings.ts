import {
  byteSize,
  path,
  serverUrl,
  setting,
  ValueError,
  wholeNumber,
  type Program,
  type SettingsOf,
} from "../setting-shapes.ts";
import { upstreamPattern } from "./keys.ts";

/** Where to listen. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** A portal, and the key of one tenant of it. */
export interface UpstreamSetting {
  name: string;
  portal: URL;
  apiKeyFile: string;
}

const megabyte = 1024 * 1024;
const portalUrl = serverUrl("");

/** pcd's settings. */
const settings = {
  listen: setting({
    placeholder: "ADDRESS:PORT",
    help: "where to listen; 0.0.0.0:8473 or [::]:8473 for all addresses",
    default: "127.0.0.1:8473",
    parse: parseListen,
  }),
  tls_cert: path("file with the certificate and its chain, PEM: listens with https"),
  tls_key: path("file with the certificate's private key, PEM"),
  state: path("folder for what waits and what was refused", "/var/lib/pcd"),
  control: path("Unix socket on which pcctl asks for status"),
  keys: path("file of the keys that pcd key makes", "/etc/perfcollector/pcd-keys.json"),
  portal: serverUrl('forwards to this portal: the upstream named "portal"'),
  api_key_file: path("file with the portal's key; or PCD_API_KEY holds the key itself"),
  upstreams: setting({
    placeholder: "JSON",
    help: 'several portals or tenants: {"NAME": {"portal": URL, "api_key_file": PATH}, …}; a mapping in the file',
    default: null,
    isStructured: true,
    parse: parseUpstreams,
  }),
  store: path('folder for CSV files, one a machine and day: the upstream named "store"'),
  store_retention: wholeNumber("days that the store keeps; 0: all", {
    default: "0",
    least: 0,
    most: 36_500,
  }),
  spool_max: byteSize("what may wait for one upstream; beyond that clients are told to come back", {
    default: "1G",
    leastBytes: 16 * megabyte,
  }),
  refused_max: byteSize("what is kept of batches that an upstream refused; then the oldest go", {
    default: "256M",
    leastBytes: megabyte,
  }),
  max_connections: wholeNumber("connections at once", { default: "1000", least: 1, most: 60_000 }),
} as const;

export const pcdProgram: Program<typeof settings> = {
  name: "pcd",
  prefix: "PCD",
  files: [
    "/etc/perfcollector/pcd.yaml",
    "/etc/perfcollector/pcd.yml",
    "/etc/perfcollector/pcd.json",
  ],
  settings,
};

export type PcdSettings = SettingsOf<typeof settings>;

function parseListen(text: string): ListenAddress {
  const [, bracketed, plain, digits] =
    /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new ValueError("an address and a port, such as 127.0.0.1:8473 or [::1]:8473");
  return { host, port };
}

function parseUpstreams(text: string): UpstreamSetting[] {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new ValueError("a mapping of names to portals");
  return Object.entries(json).map(([name, value]) => {
    if (!upstreamPattern.test(name))
      throw new ValueError(
        `a mapping of names to portals: ${JSON.stringify(name)} is not 1–32 of a-z, 0-9, _ and -`,
      );
    const { portal, api_key_file: apiKeyFile, ...others } = toRecord(value, name);
    const [unknown] = Object.keys(others);
    if (unknown !== undefined || typeof portal !== "string" || typeof apiKeyFile !== "string") {
      throw new ValueError(
        `a mapping of names to portals: "${name}" has to have portal and api_key_file, and nothing else`,
      );
    }
    return { name, portal: portalUrl.parse(portal), apiKeyFile };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ValueError("JSON", { cause });
  }
}

function toRecord(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null)
    throw new ValueError(`a mapping of names to portals: "${name}" is none`);
  // Any object has values by names.
  return value as Record<string, unknown>;
}
