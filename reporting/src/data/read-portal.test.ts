// A portal that misbehaves on purpose; e2e/ reads from the real one.
// oxlint-disable-next-line eslint/no-restricted-imports
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { testSamples, toCsv } from "../testing/machine.ts";
import { NoInputError } from "../files.ts";
import { unknownMachine } from "./machine-facts.ts";
import {
  PortalPermissionError,
  PortalRequestError,
  PortalUnavailableError,
  readPortal,
} from "./read-portal.ts";

const csv = toCsv(testSamples({ rows: 100 }));
const detail = {
  machine_id: "web-01",
  name: "Shop",
  host: { host_name: "web-01.example", kernel: "6.1.0", cpu_count: 4 },
  timestamp_range: { start: "2026-03-02T00:00:00Z", end: "2026-03-02T00:16:30Z" },
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, headers);
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

const good: Answer = (request, response) =>
  send(response, 200, request.url?.startsWith("/base/api/v1/machines/") ? detail : csv);

/** Asks a portal that answers so; gives its questions, too, and how long was waited between them. */
async function ask(answer: Answer, range: { from?: string; to?: string } = {}) {
  const asked: string[] = [];
  const waitsMs: number[] = [];
  const told: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = new URL(`http://127.0.0.1:${port}/base/`);
  try {
    const source = { url, key: "secret", machineId: "web-01", ...range };
    const read = await readPortal(source, {
      sleep: async (ms) => waitsMs.push(ms),
      random: () => 1,
      onWait: (message) => told.push(message),
    });
    return { asked, waitsMs, told, ...read };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("readPortal() gives the machine's samples of the range, its name and what it is", async () => {
  const { asked, input, machineName } = await ask(good, { from: "2026-03-02", to: "1772409700" });
  expect(input.samples.timestampsS).toHaveLength(100);
  expect(machineName).toBe("Shop");
  const facts = { hostName: "web-01.example", kernel: "6.1.0", cpuCount: 4 };
  expect(input.facts).toEqual({ ...unknownMachine, ...facts });
  expect(asked).toEqual([
    "/base/api/v1/machines/web-01 Bearer secret",
    "/base/api/v1/performance/export?machine_id=web-01&start=2026-03-02&end=1772409700 Bearer secret",
  ]);
});

const problem = (text: string) => ({ title: "t", status: 0, detail: text });

test.each<[number, unknown, object, new (...args: never[]) => Error, RegExp]>([
  [
    401,
    problem("No such key."),
    {},
    PortalPermissionError,
    /not valid there \(No such key\).*--key-file/,
  ],
  [
    403,
    problem("Needs read."),
    {},
    PortalPermissionError,
    /may not read \(Needs read\).*--scope read/,
  ],
  [404, problem("There is no machine."), {}, NoInputError, /"web-01": There is no machine$/],
  [404, "<html>", {}, PortalRequestError, /may be no portal; check --portal/],
  [400, problem("/start is wrong."), {}, PortalRequestError, /\/start is wrong$/],
  [
    429,
    problem("Too many."),
    { "retry-after": "7" },
    PortalUnavailableError,
    /Too many; gave up after 6 tries, try again in 7.s$/,
  ],
  [
    429,
    problem("Too many."),
    { "retry-after": "3600" },
    PortalUnavailableError,
    /Too many; try again in 1.h$/,
  ],
  [503, "", {}, PortalUnavailableError, /status 503; gave up after 6 tries, try again later$/],
  [302, "", { location: "https://else.example/" }, PortalRequestError, /else\.example.*--portal/],
])("readPortal() tells what %i with %j means", async (status, body, headers, error, message) => {
  const refused = ask((_, response) => send(response, status, body, headers));
  await expect(refused).rejects.toThrow(error);
  await expect(ask((_, response) => send(response, status, body, headers))).rejects.toThrow(
    message,
  );
});

/** Answers as it should but for the first times, when it answers so. */
function failing(times: number, answer: Answer): Answer {
  let left = times;
  return (request, response) => (left-- > 0 ? answer : good)(request, response);
}

test("readPortal() asks a portal that has too much to do again, later each time, and never before Retry-After", async () => {
  const busy = await ask(failing(3, (_, response) => send(response, 429, problem("Too many."))));
  expect(busy.waitsMs).toEqual([1000, 2000, 4000]);
  expect(busy.told[0]).toMatch(/^Cannot read from http:.*: Too many; trying again in 1.s$/);
  expect(busy.input.samples.timestampsS).toHaveLength(100);
  const notReady: Answer = (_, response) => send(response, 503, "", { "retry-after": "7" });
  expect((await ask(failing(2, notReady))).waitsMs).toEqual([8000, 9000]);
});

test("readPortal() asks again where the connection was lost, before an answer or within it", async () => {
  const lost = await ask(failing(1, (_, response) => response.destroy()));
  expect([lost.waitsMs, lost.input.samples.timestampsS.length]).toEqual([[1000], 100]);
  let isFirst = true;
  const cut: Answer = (request, response) => {
    if (request.url?.includes("/machines/") || !isFirst) return good(request, response);
    isFirst = false;
    response.writeHead(200);
    response.write(csv.slice(0, 5000), () => response.destroy());
  };
  const whole = await ask(cut);
  expect([whole.waitsMs, whole.input.samples.timestampsS.length]).toEqual([[1000], 100]);
});

test.each([400, 401, 403, 404])("readPortal() asks only once where it gets %i", async (status) => {
  let count = 0;
  const refuse: Answer = (_, response) => {
    count += 1;
    send(response, status, problem("No."));
  };
  await expect(ask(refuse)).rejects.toThrow(/No\b/);
  expect(count).toBe(1);
});

test("readPortal() does not take a cut-off export for a whole one", async () => {
  const cut: Answer = (request, response) => {
    if (request.url?.includes("/machines/")) return good(request, response);
    response.writeHead(200);
    response.write(csv.slice(0, 5000), () => response.destroy());
  };
  await expect(ask(cut)).rejects.toThrow(/connection was lost after \d+ bytes/);
});

test("readPortal() says what the portal has where it has nothing of the range", async () => {
  const header = csv.slice(0, csv.indexOf("\n") + 1);
  const empty: Answer = (request, response) =>
    request.url?.includes("/machines/") ? good(request, response) : send(response, 200, header);
  await expect(ask(empty, { from: "2030-01-01" })).rejects.toThrow(
    /no samples of it from 2030-01-01; it has some from 2026-03-02T00:00:00Z to/,
  );
});

test("readPortal() says where nobody listens", async () => {
  const url = new URL("http://127.0.0.1:9/");
  const asked = readPortal(
    { url, key: "secret", machineId: "web-01" },
    { sleep: () => Promise.resolve() },
  );
  await expect(asked).rejects.toThrow(PortalUnavailableError);
  await expect(asked).rejects.toThrow(/Cannot read from http:\/\/127\.0\.0\.1:9: /);
});
