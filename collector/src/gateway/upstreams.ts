// Where pcd's settings say that batches go, and what keeps it from starting although each setting by itself is right.
import { readApiKey } from "../config.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { readCertificate } from "./certificate.ts";
import { pcdProgram, type PcdSettings } from "./settings.ts";

export interface PortalUpstream {
  name: string;
  portal: URL;
  /** @throws ExitError where there is none. */
  readKey: () => string;
}

/** Names of the upstreams that are configured. */
export function listUpstreams({ portal, upstreams, store }: PcdSettings): string[] {
  return [
    ...(portal === null ? [] : ["portal"]),
    ...(upstreams ?? []).map(({ name }) => name),
    ...(store === null ? [] : ["store"]),
  ];
}

/** @throws ExitError where there is none, or two of one name. */
export function checkUpstreams(settings: PcdSettings): void {
  const names = listUpstreams(settings);
  if (names.length === 0) {
    throw new ExitError(
      exitCodes.config,
      "Cannot take samples: there is nowhere to bring them; give --portal, --upstreams or --store",
    );
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new ExitError(
      exitCodes.config,
      `Cannot use upstreams: there are two of the name "${twice}"`,
    );
  }
}

/** All but the store. */
export function listPortals({ portal, api_key_file, upstreams }: PcdSettings): PortalUpstream[] {
  const toUpstream = (name: string, url: URL, keyFile: string | null): PortalUpstream => ({
    name,
    portal: url,
    readKey: () => readApiKey(pcdProgram, keyFile),
  });
  return [
    ...(portal === null ? [] : [toUpstream("portal", portal, api_key_file)]),
    ...(upstreams ?? []).map((each) => toUpstream(each.name, each.portal, each.apiKeyFile)),
  ];
}

/** Everything that keeps pcd from starting with these settings. */
export function findPcdFaults(settings: PcdSettings): ExitError[] {
  const isTls = settings.tls_cert !== null || settings.tls_key !== null;
  const checks = [
    () => checkUpstreams(settings),
    ...listPortals(settings).map(({ readKey }) => readKey),
    ...(isTls ? [() => readCertificate(settings)] : []),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof ExitError) return [error];
      throw error;
    }
  });
}
