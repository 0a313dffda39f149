import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { renderHostFacts } from "@perfanalysis/contract/host-facts";
import { expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { sendFile, type SendOptions } from "./send-file.ts";

type Behaviour = (response: ServerResponse) => void;

const success: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ status: "success", upload_id: "u-1", rows_imported: 2 }));
};
const refuse =
  (status: number, headers: Record<string, string> = {}, body: object = {}): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-type": "application/problem+json", ...headers });
    response.end(JSON.stringify({ detail: `the stub says ${status}`, ...body }));
  };
const cut: Behaviour = (response) => response.socket?.destroy();

interface Upload {
  url: string;
  form: FormData;
}

interface Sent {
  /** What the portal was sent, each time. */
  received: Upload[];
  /** How long was waited between. */
  waitsMs: number[];
  reports: string[];
  result: Promise<Record<string, unknown>>;
}

const facts = { host_name: "büro-01", cpu_count: 4 };

async function send(behaviours: Behaviour[], options: Partial<SendOptions> = {}): Promise<Sent> {
  const received: Upload[] = [];
  const server = createServer((request, response) => {
    void readForm(request).then((form) => {
      received.push({ url: request.url ?? "", form });
      (behaviours.shift() ?? success)(response);
      return form;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  const path = join(createFolder(), "part");
  const content = Buffer.alloc(200_000, "zipped rows ");
  writeFileSync(path, content);
  const [waitsMs, reports]: [number[], string[]] = [[], []];
  const result = sendFile(
    { name: "pcc.json", path, bytes: content.length, machineId: "web-01", facts },
    {
      portal: new URL(`http://127.0.0.1:${port}/base`),
      apiKey: "the-secret-key",
      retries: 3,
      clock: {
        wallMs: Date.now,
        monotonicUs: () => 0,
        sleep: async (durationMs) => {
          waitsMs.push(durationMs);
        },
      },
      random: () => 0.5,
      signal: new AbortController().signal,
      report: (message) => reports.push(message),
      onSent: () => {},
      ...options,
    },
  );
  await result.catch(() => undefined);
  for (const { form } of received) {
    const file = form.get("file");
    if (!(file instanceof File)) throw new Error("There is no file in the form");
    expect(Buffer.from(await file.arrayBuffer())).toEqual(content);
    expect([file.name, form.get("machine_id")]).toEqual(["pcc.json.csv.gz", "web-01"]);
    expect(form.get("host")).toBe(renderHostFacts(facts));
  }
  return { received, waitsMs, reports, result };
}

async function readForm(request: IncomingMessage): Promise<FormData> {
  const chunks: Buffer[] = [];
  // A request without an encoding gives buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const type = request.headers["content-type"] ?? "";
  return await new Response(Buffer.concat(chunks), {
    headers: { "content-type": type },
  }).formData();
}

test("sendFile() sends a form that others read, and gives the receipt", async () => {
  const { received, result } = await send([]);
  expect(await result).toMatchObject({ status: "success", upload_id: "u-1" });
  expect(received.map(({ url }) => url)).toEqual(["/base/api/v1/performance/upload"]);
});

test("sendFile() tries again with full jitter, and not before the portal wants it", async () => {
  const { received, waitsMs, reports, result } = await send([
    refuse(503),
    cut,
    refuse(429, { "retry-after": "7" }),
  ]);
  expect(await result).toMatchObject({ upload_id: "u-1" });
  expect(received).toHaveLength(4);
  expect(waitsMs).toEqual([500, 1000, 7000 + 2000]);
  expect(reports).toHaveLength(3);
  expect(reports.join()).not.toContain("the-secret-key");
});

test.each([
  [400, 65],
  [401, 77],
  [403, 77],
  [404, 69],
  [413, 65],
  [415, 65],
])("sendFile() never tries again after %d", async (status, exitCode) => {
  const { received, waitsMs, result } = await send([refuse(status)]);
  await expect(result).rejects.toMatchObject({
    exitCode,
    message: expect.stringContaining(`the stub says ${status}`),
  });
  expect({ received: received.length, waitsMs }).toEqual({ received: 1, waitsMs: [] });
});

test("sendFile() tells the first faults of a CSV", async () => {
  const errors = [{ line: 7, column: "cpu_user", message: "is no number" }];
  const { result } = await send([refuse(400, {}, { errors })]);
  await expect(result).rejects.toThrow("\n  line 7: cpu_user: is no number");
});

test("sendFile() gives up in the end, with a code that says to try later", async () => {
  const { received, result } = await send([cut, cut, cut, cut]);
  await expect(result).rejects.toMatchObject({
    exitCode: 75,
    message: expect.stringContaining("gave up after 4 tries"),
  });
  expect(received).toHaveLength(4);
});

test("sendFile() ends with the signal", async () => {
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  const { result } = await send([], { signal: stop.signal });
  await expect(result).rejects.toThrow("enough");
});
