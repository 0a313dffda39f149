import { describe, expect, test } from "vitest";
import { parseBrandColor, parseLogo } from "./branding.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe("parseBrandColor()", () => {
  test("parseBrandColor() keeps a dark colour for light paper, and lightens it for dark paper", () => {
    const { light, dark } = parseBrandColor("#7A0019");
    expect(light).toBe("#7a0019");
    expect(dark).toBe("#b77583");
  });
  test("parseBrandColor() refuses a colour that is hard to read, with its contrast and one that is not", () => {
    expect(() => parseBrandColor("#ffcc00")).toThrow(
      /Cannot use the colour "#ffcc00": its contrast with light paper is 1\.4:1, and texts need 4\.5:1 \(WCAG AA\); #[0-9a-f]{6} is/,
    );
    const [, nearest = ""] = /; (#[0-9a-f]{6}) is/.exec(messageOf("#ffcc00")) ?? [];
    expect(parseBrandColor(nearest).light).toBe(nearest);
  });
  test.each(["red", "#fff", "#12345g", ""])("parseBrandColor() refuses %j", (text) => {
    expect(() => parseBrandColor(text)).toThrow('write it like "#0b4a7d"');
  });
});

describe("parseLogo()", () => {
  const svg = (content: string) =>
    bytes(`<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`);

  test("parseLogo() takes PNG and plain SVG as they are", () => {
    expect(parseLogo(png, "logo.png")).toEqual({
      mediaType: "image/png",
      base64: png.toString("base64"),
    });
    const plain = svg(
      '<style>.a{fill:url(#b)}</style><defs><linearGradient id="b"/></defs><use href="#c"/><image href="data:image/png;base64,AA=="/>',
    );
    expect(parseLogo(plain, "logo.svg").mediaType).toBe("image/svg+xml");
    expect(parseLogo(svg("<title>ACME &#169; &#xA9;</title>"), "logo.svg").base64).not.toBe("");
    const declared = bytes(
      '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Made by a program -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    );
    expect(parseLogo(declared, "logo.svg").mediaType).toBe("image/svg+xml");
  });
  test.each([
    ["<script>alert(1)</script>", "<script>"],
    ["<svg:script>alert(1)</svg:script>", "<script>"],
    ["<foreignObject/>", "<foreignObject>"],
    ['<animate attributeName="href"/>', "<animate>"],
    ['<g onload="alert(1)"/>', "attribute onload"],
    ['<g id="a"onclick="alert(1)"/>', "attribute onclick"],
    ['<a href="javascript:alert(1)"/>', 'refers to "javascript:'],
    ['<image xlink:href="https://example.com/a.png"/>', 'refers to "https:'],
    ['<image href="data:image/svg+xml;base64,AA=="/>', 'refers to "data:image/svg'],
    ["<image href=//example.com/a.png />", "without quotes"],
    ["<style>@import 'a.css';</style>", "styles load"],
    ['<rect style="fill:url(https://example.com/a)"/>', "styles load"],
    ["<style>a{b:u\\72l(x)}</style>", "styles load"],
    ['<rect style="fill:u&#114;l(https://example.com/a)"/>', "styles load"],
    ["<style>@&#x0069;mport 'a.css';</style>", "styles load"],
    ['<!DOCTYPE svg [<!ENTITY a "b">]>', "document type"],
    ["<?xml-stylesheet href='a.css'?>", "instruction"],
  ])("parseLogo() refuses SVG with %s", (content, why) => {
    expect(() => parseLogo(svg(content), "logo.svg")).toThrow(why);
  });
  test.each([
    ["a GIF", bytes("GIF89a")],
    ["HTML", bytes("<!DOCTYPE html><svg></svg>")],
    ["nothing", new Uint8Array()],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x3c, 0x00])],
  ])("parseLogo() refuses %s", (_, content) => {
    expect(() => parseLogo(content, "logo")).toThrow("Cannot use the logo logo: it is neither");
  });
  test("parseLogo() refuses what would make every report large", () => {
    const large = Buffer.concat([png, Buffer.alloc(300 * 1024)]);
    expect(() => parseLogo(large, "logo.png")).toThrow(/it has 301 KiB.*the most is 256 KiB/);
  });
});

function messageOf(color: string): string {
  try {
    parseBrandColor(color);
    return "";
  } catch (error) {
    return String(error);
  }
}
