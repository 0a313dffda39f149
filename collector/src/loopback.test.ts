import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["127.example.com", false],
  ["localhost.example.com", false],
  ["192.0.2.7", false],
])("isLoopback() says of %s %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
