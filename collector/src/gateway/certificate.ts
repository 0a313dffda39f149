// What pcd listens with, where it does so with https.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import type { PcdSettings } from "./settings.ts";

/** @throws ExitError where they cannot be read, or are none of each other. */
export function readCertificate({
  tls_cert: certPath,
  tls_key: keyPath,
}: Pick<PcdSettings, "tls_cert" | "tls_key">): { cert: Buffer; key: Buffer } {
  if (certPath === null || keyPath === null) {
    throw new ExitError(
      exitCodes.config,
      "Cannot listen with https: it needs both tls_cert and tls_key",
    );
  }
  const cert = readPem("tls_cert", certPath);
  const key = readPem("tls_key", keyPath);
  try {
    // Bun would look at them when it listens, and Node names neither setting.
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return { cert, key };
    throw new Error("the key is another one's");
  } catch (cause) {
    throw new ExitError(
      exitCodes.config,
      `Cannot listen with https: tls_cert and tls_key are no certificate and its key in PEM: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function readPem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const isRefused = exitCodeOf(cause) === exitCodes.permission;
    throw new ExitError(
      isRefused ? exitCodes.permission : exitCodes.config,
      `Cannot listen with https: ${messageOf(cause)}; the setting ${setting} has to name a PEM file that this user may read`,
      { cause },
    );
  }
}
