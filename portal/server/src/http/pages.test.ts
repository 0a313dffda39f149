import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";

const page = { accept: "text/html,*/*" };

describe("with the pages built", () => {
  let portal: TestPortal;
  let webRoot: string;
  beforeAll(async () => {
    webRoot = await mkdtemp(join(tmpdir(), "perfanalysis-web-"));
    await mkdir(join(webRoot, "assets"));
    await writeFile(join(webRoot, "index.html"), "<!doctype html><title>PerfAnalysis</title>");
    await writeFile(join(webRoot, "assets/index-4f3a.js"), "export {};");
    portal = await newPortal({ webRoot });
  });
  afterAll(async () => {
    await portal.close();
    await rm(webRoot, { recursive: true });
  });

  test.each(["/", "/machines/web-01", "/sign-in?to=%2F"])("%s is the page", async (path) => {
    const response = await portal.fetch(path, { headers: page });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("<title>PerfAnalysis</title>");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("files with a hash in their name are kept for ever", async () => {
    const response = await portal.fetch("/assets/index-4f3a.js");
    expect(response.headers.get("content-type")).toContain("javascript");
    expect(response.headers.get("cache-control")).toContain("immutable");
  });

  test.each(["/assets/gone-1234.js", "/api/v1/nothing", "/api/nothing"])(
    "%s is not the page",
    async (path) => {
      expect((await readProblem(await portal.fetch(path, { headers: page }), 404)).title).toBe(
        "Not found",
      );
    },
  );

  test.each(["/..%2fpackage.json", "/%2e%2e/package.json", "/assets/..%2f..%2fpackage.json"])(
    "%s leads to no other file",
    async (path) => {
      const response = await portal.fetch(path);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toContain("@perfanalysis");
    },
  );
});

test("without them, a browser is told how to build them", async () => {
  const portal = await newPortal();
  const { detail } = await readProblem(await portal.fetch("/", { headers: page }), 404);
  expect(detail).toContain("npm run build -w @perfanalysis/portal-web");
});
