import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createLog } from "./log.ts";

test("createLog() writes nothing that opens a door, however deep it stands", async () => {
  const output = new PassThrough();
  const log = createLog("info", output);
  const secret = "pa_admin_0123456789";
  log.info({ authorization: secret, err: Object.assign(new Error("x"), { password: secret }) });
  log.info({ req: { headers: { cookie: secret, "set-cookie": secret } }, key: secret });
  log.info({ options: { token: secret } }, "done");
  output.end();
  const lines = await text(output);
  expect(lines.split("\n")).toHaveLength(4);
  expect(lines).toContain("[redacted]");
  expect(lines).not.toContain(secret);
});
