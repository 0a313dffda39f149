import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { newPortal } from "../testing/portal.ts";

/** Says a little more every half second for as long as anybody listens. */
async function drip(socket: Socket, start: string, drop: string): Promise<void> {
  // A drop that comes when the server has hung up is answered with a reset, and then the connection closes, too.
  socket.on("error", () => undefined);
  socket.resume().write(start);
  const timer = setInterval(() => socket.write(drop), 500);
  await new Promise((closed) => socket.once("close", closed));
  clearInterval(timer);
}

test("clients that send headers or JSON drop by drop are hung up on", async () => {
  const portal = await newPortal();
  const port = Number(new URL(portal.url).port);
  const headers = `POST /api/v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${portal.keys.admin}\r\n`;
  const body = `Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n`;
  // The test's own time limit is the check: left alone, each would go on for ever.
  const closed = await Promise.all([
    drip(connect(port, "127.0.0.1"), headers, "X-More: 1\r\n").then(() => "headers"),
    drip(connect(port, "127.0.0.1"), headers + body, " ").then(() => "body"),
  ]);
  expect(closed).toEqual(["headers", "body"]);
}, 60_000);
