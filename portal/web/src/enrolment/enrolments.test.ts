import type { Enrolment } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { isOpen } from "./enrolments.ts";

const expiresS = Date.UTC(2026, 10, 26, 6) / 1000;
const enrolment: Enrolment = {
  enrolment_id: "5f0c7bd2-6a43-4b0e-9d7e-6f2f4a1c3b11",
  name: "rack 7",
  hint: "wxyz",
  max_uses: 2,
  uses: 1,
  created_by: "ada@acme.example",
  created_at: "2026-11-26T05:00:00.000Z",
  expires_at: "2026-11-26T06:00:00.000Z",
  revoked_at: null,
};

test("isOpen() is true of a token that can still let a host in", () => {
  expect(isOpen(enrolment, expiresS - 1)).toBe(true);
});

test("isOpen() is false of a token that has expired, is used up or was revoked", () => {
  expect(isOpen(enrolment, expiresS)).toBe(false);
  expect(isOpen({ ...enrolment, uses: 2 }, expiresS - 1)).toBe(false);
  expect(isOpen({ ...enrolment, revoked_at: enrolment.created_at }, expiresS - 1)).toBe(false);
});
