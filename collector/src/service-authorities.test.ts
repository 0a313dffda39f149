import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "./sampling/fake-procfs.ts";
import { readServiceAuthorities } from "./service-authorities.ts";

test.each([
  ["NODE_EXTRA_CA_CERTS=/etc/ssl/own.pem\n", "/etc/ssl/own.pem"],
  ["# a comment\nPCC_FREQUENCY=5s\n  NODE_EXTRA_CA_CERTS = /a.pem\n", null],
  ['NODE_EXTRA_CA_CERTS="/etc/ssl/own ca.pem" \n', "/etc/ssl/own ca.pem"],
  ["NODE_EXTRA_CA_CERTS='/a.pem'\nNODE_EXTRA_CA_CERTS=/b.pem", "/b.pem"],
  ["#NODE_EXTRA_CA_CERTS=/a.pem\n", null],
  ["NODE_EXTRA_CA_CERTS=\n", null],
  ["NODE_EXTRA_CA_CERTS=/a.pem\nNODE_EXTRA_CA_CERTS=\n", null],
  ["", null],
])("readServiceAuthorities() finds in %j the file %j", (text, file) => {
  const path = join(createFolder(), "perfcollector");
  writeFileSync(path, text);
  expect(readServiceAuthorities(path)).toEqual(file === null ? {} : { NODE_EXTRA_CA_CERTS: file });
});

test("readServiceAuthorities() finds none where there is no such file", () => {
  expect(readServiceAuthorities(join(createFolder(), "none"))).toEqual({});
});
