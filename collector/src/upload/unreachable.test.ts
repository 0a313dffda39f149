import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { whyUnreachable } from "./unreachable.ts";

test.skipIf(spawnSync("openssl", ["version"]).status !== 0)(
  "whyUnreachable() of a certificate that nobody here knows says how to make it known (needs openssl)",
  async () => {
    const folder = createFolder();
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"];
    execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], {
      stdio: "ignore",
    });
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    // A listening TCP server has such an address.
    const { port } = server.address() as AddressInfo;
    const error = await new Promise((resolve) => {
      request({ host: "127.0.0.1", port }).on("error", resolve).end();
    });
    expect(whyUnreachable(error)).toBe(
      "self-signed certificate; NODE_EXTRA_CA_CERTS names a file with its authority's certificate",
    );
  },
);

test("whyUnreachable() leaves out Node's advice to its own users, and other errors as they are", () => {
  const error = Object.assign(
    new Error(
      "unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca",
    ),
    { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
  );
  expect(whyUnreachable(error)).toBe(
    "unable to verify the first certificate; NODE_EXTRA_CA_CERTS names a file with its authority's certificate",
  );
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(whyUnreachable(refused)).toBe("connect ECONNREFUSED");
});
