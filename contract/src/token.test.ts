import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isToken, newToken } from "./token.ts";

test("newToken() gives keys that scanners recognise and isToken() accepts", () => {
  for (const [scopes, kind] of [
    [["ingest"], "ingest"],
    [["read"], "read"],
    [["ingest", "read"], "ingest"],
    [["read", "admin"], "admin"],
  ] as const) {
    const token = newToken(scopes, { randomBytes });
    expect(token).toMatch(new RegExp(`^pa_${kind}_[0-9A-Za-z]{33}$`));
    expect(isToken(token)).toBe(true);
  }
});

test("newToken() is a known text for known random bytes", () => {
  const counting = (size: number) => Uint8Array.from({ length: size }, (_, index) => index);
  expect(newToken(["ingest"], { randomBytes: counting })).toBe(
    "pa_ingest_0123456789ABCDEFGHIJKLMNOPQ01DLO9",
  );
});

test("newToken() leaves out random bytes that would favour some digits", () => {
  const bytes = [...Array.from({ length: 26 }, () => 255), 61];
  const token = newToken(["read"], { randomBytes: () => Uint8Array.from(bytes) });
  expect(token).toMatch(/^pa_read_z{27}/);
});

test("isToken() refuses every key with one character changed", () => {
  const token = newToken(["read"], { randomBytes });
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...digits.split("")), (index, digit) => {
      fc.pre(token[index] !== digit);
      expect(isToken(token.slice(0, index) + digit + token.slice(index + 1))).toBe(false);
    }),
  );
});

test("isToken() refuses what is no key", () => {
  const token = newToken(["read"], { randomBytes });
  for (const text of ["", "pa_read_", ` ${token}`, `${token}\n`, `${token}A`, token.slice(1)])
    expect(isToken(text)).toBe(false);
});
