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

/** Asks a portal that answers so; gives its questions, too. */
async function ask(answer: Answer, range: { from?: string; to?: string } = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = new URL(`http://127.0.0.1:${port}/base/`);
  try {
    return { asked, ...(await readPortal({ url, key: "secret", machineId: "web-01", ...range })) };
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
    /Too many; try again in 7 s/,
  ],
  [503, "", {}, PortalUnavailableError, /status 503; try again later/],
  [302, "", { location: "https://else.example/" }, PortalRequestError, /else\.example.*--portal/],
])("readPortal() tells what %i with %j means", async (status, body, headers, error, message) => {
  const refused = ask((_, response) => send(response, status, body, headers));
  await expect(refused).rejects.toThrow(error);
  await expect(ask((_, response) => send(response, status, body, headers))).rejects.toThrow(
    message,
  );
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
  const asked = readPortal({ url, key: "secret", machineId: "web-01" });
  await expect(asked).rejects.toThrow(PortalUnavailableError);
  await expect(asked).rejects.toThrow(/Cannot read from http:\/\/127\.0\.0\.1:9: /);
});
