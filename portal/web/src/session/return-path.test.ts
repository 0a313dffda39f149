import { expect, test } from "vitest";
import { parseReturnPath } from "./return-path.ts";

test("parseReturnPath() keeps paths of the portal", () => {
  expect(parseReturnPath("/machines/web-01?range=5m")).toBe("/machines/web-01?range=5m");
});

test("parseReturnPath() leads nowhere else", () => {
  const attacks = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "",
    7,
    undefined,
  ];
  expect(attacks.map(parseReturnPath)).toEqual(attacks.map(() => "/"));
});
