import { HtmlValidate } from "html-validate";
import { describe, expect, test } from "vitest";
import type { Branding } from "../branding.ts";
import { during, type TestMachine } from "../testing/machine.ts";
import { digestOf, testReport, toPage } from "../testing/report.ts";

const render = async (machine: TestMachine, branding?: Branding) =>
  toPage((await testReport(machine, { branding })).document);

const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

async function listFaults(page: string): Promise<string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, message }) => `${ruleId} in line ${line}: ${message}`),
  );
}

const logo = {
  mediaType: "image/svg+xml",
  base64: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString("base64"),
} as const;
const colors = { light: "#7a0019", dark: "#b77583" };

describe("valid HTML", () => {
  test.each<[string, TestMachine]>([
    ["a quiet day", { rows: 1500, intervalS: 60 }],
    [
      "a machine with findings",
      {
        rows: 1500,
        intervalS: 60,
        columns: { cpu_idle: during(60, 190, { high: 1, low: 80 }), cpu_iowait: () => 0 },
      },
    ],
    ["three samples", { rows: 3 }],
  ])("renderHtml() writes valid HTML of %s", async (_, machine) => {
    expect(await listFaults(await render(machine))).toEqual([]);
  });
  test("renderHtml() writes valid HTML with branding", async () => {
    expect(await listFaults(await render({ rows: 20 }, { name: "ACME", colors, logo }))).toEqual(
      [],
    );
  });
  test("renderHtml() writes valid HTML where a name looks like markup", async () => {
    const branding = { name: '"><b a="1">&amp;', colors: null, logo };
    expect(await listFaults(await render({ rows: 20 }, branding))).toEqual([]);
  });
  test("the validator sees what is not valid", async () => {
    const faults = await listFaults(
      '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><p><div></div></p></body></html>',
    );
    expect(faults).toHaveLength(1);
  });
});

describe("branding", () => {
  test("renderHtml() shows name, logo and colour, and admits no picture but those in the file", async () => {
    const page = await render({ rows: 20 }, { name: "ACME <Ltd>", colors, logo });
    expect(page).toContain(`<img src="data:image/svg+xml;base64,${logo.base64}" alt="" />`);
    expect(page).toMatch(/\/>ACME &lt;Ltd&gt;\s/);
    expect(page).toContain(":root{--accent:#7a0019}");
    expect(page).toContain(":root[data-theme=dark]{--accent:#b77583}");
    expect(page).toMatch(/Content-Security-Policy" content="[^"]*; img-src data:; base-uri/);
    const [, style = ""] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
    expect(page).toContain(`style-src &#39;sha256-${digestOf(style)}&#39;`);
  });
  test("renderHtml() lets a logo alone say whose report it is", async () => {
    const page = await render({ rows: 20 }, { name: null, colors: null, logo });
    expect(page).toMatch(/<p>\s*<img [^>]+ alt="PerfAnalysis" \/>\s*<\/p>/);
  });
  test("renderHtml() admits no picture at all without a logo", async () => {
    const page = await render({ rows: 20 }, { name: "ACME", colors: null, logo: null });
    expect(page).toMatch(/<p>\s*ACME\s*<\/p>/);
    expect(page).not.toMatch(/img-src|<img/);
  });
});

test("renderHtml() leaves the words of a long cell room beside figures", async () => {
  const page = await render({ rows: 1500, intervalS: 60 });
  // What each resource is compared with is a sentence; the unit of a metric is none.
  expect(page).toMatch(/<th scope="col"\s+class="left long">Compared with<\/th>/);
  expect(page).toMatch(/<th scope="col"\s+class="left">Unit<\/th>/);
});

test("renderHtml() has no heading for a row that goes on with the one above", async () => {
  const page = await render({ rows: 100 });
  expect(page).toMatch(/<th scope="row">Saturation<\/th>/);
  expect(page).not.toMatch(/<th[^>]*><\/th>/);
});
