import { expect, test } from "vitest";
import { newPortal, readProblem } from "../testing/portal.ts";

test("an address that asks for very much is told to wait, probes are not", async () => {
  const portal = await newPortal();
  const statuses = new Map<number, number>();
  let last = await portal.fetch("/api/nothing");
  for (let batch = 0; batch < 13; batch++) {
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => portal.fetch("/api/nothing")),
    );
    for (const response of responses) {
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 429) last = response;
      else await response.arrayBuffer();
    }
  }
  expect(statuses.get(404)).toBe(1199);
  expect(statuses.get(429)).toBe(101);
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await readProblem(last, 429)).detail).toContain("from your address");
  expect((await portal.fetch("/livez")).status).toBe(200);
  // What a key may do is counted by the key.
  const withKey = await portal.fetch("/api/v1/reports", { key: portal.keys.read });
  expect(withKey.status).toBe(200);
});

test("a gateway may send more batches than others may ask for", async () => {
  const portal = await newPortal();
  const statuses = new Set<number>();
  for (let batch = 0; batch < 61; batch++) {
    const responses = await Promise.all(
      // Of a type that is refused: they are counted all the same.
      Array.from({ length: 100 }, () =>
        portal.fetch("/api/v1/performance/stream", { method: "POST", key: portal.keys.ingest }),
      ),
    );
    for (const response of responses) {
      statuses.add(response.status);
      await response.arrayBuffer();
    }
  }
  expect([...statuses]).toEqual([415]);
}, 120_000);

test("a process that is behind refuses work, and answers probes", async () => {
  const portal = await newPortal({ maxEventLoopDelayMs: 1 });
  const ask = async (path: string): Promise<number> =>
    (await portal.fetch(path, { key: portal.keys.read })).status;
  await expect
    .poll(
      () => {
        const endMs = performance.now() + 100;
        while (performance.now() < endMs);
        return ask("/api/v1/machines");
      },
      { timeout: 20_000 },
    )
    .toBe(503);
  expect(await ask("/livez")).toBe(200);
});
