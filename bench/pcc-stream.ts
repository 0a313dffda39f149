// What becomes of the packaged pcc in a day in which it sends each sample over TLS, through a spool: 86,400 samples of this machine, as
// fast as they can be. `npm run bench -- pcc-stream 36000 60`: ten minutes at 60 times the speed.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { check, compile, measure } from "./pcc-day.ts";

const residentLimitMb = 42;
const slopeLimitMb = 1;

export async function run(): Promise<void> {
  const samples = Number(process.argv[3] ?? 86_400);
  const speed = process.argv[4] === undefined ? null : Number(process.argv[4]);
  const folder = mkdtempSync(join(tmpdir(), "bench-pcc-stream-"));
  const [key, certificate, apiKey] = ["tls.key", "tls.crt", "api.key"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  execFileSync("openssl", [...kind, "-nodes", ...names, "-keyout", key, "-out", certificate], {
    stdio: "ignore",
  });
  writeFileSync(apiKey, "pa_ingest_bench\n");
  let rows = 0;
  const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(tls, (request, response) => {
    void take(request, response).then((count) => (rows += count));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const packaged = compile(join(folder, "pcc"));
    if (packaged === null) {
      console.log("the packages' runtime is not here (npm run package brings it): not measured");
      return;
    }
    // A server that listens on a TCP port has an address with that port.
    const { port } = server.address() as AddressInfo;
    const { residentMb, slopeMb } = await measure("packaged", [packaged], {
      folder,
      samples,
      speed,
      settings: {
        PCC_FREQUENCY: "1s",
        PCC_MODE: "trickle",
        PCC_PORTAL: `https://localhost:${port}`,
        PCC_API_KEY_FILE: apiKey,
        PCC_SPOOL: join(folder, "spool"),
      },
      env: { NODE_EXTRA_CA_CERTS: certificate },
    });
    console.log(`${rows} of ${samples} samples arrived`);
    check(`resident ≤ ${residentLimitMb} MB`, residentMb <= residentLimitMb);
    check(`slope ≤ ${slopeLimitMb} MB a day`, slopeMb <= slopeLimitMb);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Answers as the portal does; how many rows there were. */
async function take(request: IncomingMessage, response: ServerResponse): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const csv = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  const count = csv.toString("latin1").trimEnd().split("\n").length - 1;
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({
      status: "success",
      rows_imported: count,
      rows_duplicate: 0,
      machine_id: new URL(request.url ?? "", "https://localhost").searchParams.get("agent"),
    }),
  );
  return count;
}
