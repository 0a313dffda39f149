// Whether what is sent to a pcd of this machine can be read on its way.
import { askStatus } from "../../control/client.ts";
import { findSettings } from "../../config.ts";
import { pcdProgram } from "../../gateway/settings.ts";
import { isLoopback } from "../../loopback.ts";
import { messageOf } from "../../message-of.ts";
import { packaged } from "../sockets.ts";
import { ok, warning, type Finding } from "./finding.ts";

/** Nothing where there is no sign of a pcd: none that answers, and no setting of it. */
export async function checkGateway(): Promise<Finding[]> {
  try {
    const settings = await findSettings(pcdProgram, {});
    for (const { error } of settings) if (error !== null) throw error;
    const textOf = (name: string): string | null =>
      settings.find((setting) => setting.name === name)?.text ?? null;
    const running = await askListen(textOf("control"));
    if (running === null && settings.every(({ given }) => given === null)) return [];
    const scheme = textOf("tls_cert") === null ? "http" : "https";
    return [judge(running ?? new URL(`${scheme}://${textOf("listen") ?? ""}`))];
  } catch (error) {
    const advice =
      'See "pcctl config check --program pcd", and run it as the user that pcd runs as.';
    return [warning("gateway", messageOf(error), advice)];
  }
}

function judge(listen: URL): Finding {
  if (listen.protocol === "https:") return ok("gateway", `pcd takes samples at ${listen.origin}`);
  if (isLoopback(listen.hostname)) {
    return ok("gateway", `pcd takes samples at ${listen.origin}, of this machine alone`);
  }
  return warning(
    "gateway",
    `keys and samples come to pcd at ${listen.origin} unencrypted`,
    "Set tls_cert and tls_key, or let pcd listen on 127.0.0.1 behind a proxy that does TLS.",
  );
}

/** Where the pcd that runs listens; null where none does, or this user may not ask it. */
async function askListen(control: string | null): Promise<URL | null> {
  try {
    const status = await askStatus(control ?? packaged.pcd.socket);
    return URL.parse(String(status?.["listen"]));
  } catch {
    return null;
  }
}
