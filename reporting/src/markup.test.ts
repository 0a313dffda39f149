import { expect, test } from "vitest";
import { html, svg, trusted } from "./markup.ts";

test("html escapes every interpolated string, in content and in attributes", () => {
  const evil = `</script><img src=x onerror="alert('1')">&`;
  expect(html`<p title="${evil}">${evil}</p>`.toString()).toBe(
    `<p title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">` +
      `&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>`,
  );
});

test("html takes markup as it is, joins lists and leaves null out", () => {
  // Under its other name, whose templates the formatter leaves alone.
  const item = svg`<g>${"<"}</g>`;
  expect(svg`<a>${[item, "a&b", [item]]}${null}${7}</a>`.toString()).toBe(
    "<a><g>&lt;</g>a&amp;b<g>&lt;</g>7</a>",
  );
  expect(html`${trusted("<b>")}`.toString()).toBe("<b>");
});

test("html does not take an object for markup because it has a toString()", () => {
  const forged: unknown = { toString: () => "<script>" };
  // The type forbids it; data that was never checked could still come along.
  expect(() => html`${forged as string}`).toThrow(TypeError);
});

test("html replaces control characters and keeps line separators as text", () => {
  expect(html`${"a\u{0}b\u{2028}c\u{1b}[0m"}`.toString()).toBe("a\u{fffd}b\u{2028}c\u{fffd}[0m");
});

test.each([NaN, Infinity])("html refuses the number %s: a gap needs words", (number) => {
  expect(() => html`${number}`).toThrow(RangeError);
});
