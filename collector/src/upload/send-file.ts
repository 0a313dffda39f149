// POST /api/v1/performance/upload, until the portal has taken the file or refused it.
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { backoffMs } from "@perfanalysis/contract/retry";
import type { HostFacts } from "@perfanalysis/contract/api";
import { renderHostFacts } from "@perfanalysis/contract/host-facts";
import { ExitError, exitCodes } from "../exit.ts";
import type { Clock } from "../sampling/clock.ts";
import { describeAnswer, judge } from "./answers.ts";
import { sendRequest, toApiUrl, type HttpAnswer, type RequestBody } from "./request.ts";
import { whyUnreachable } from "./unreachable.ts";

export interface SendOptions {
  portal: URL;
  apiKey: string;
  /** How often it is tried again. */
  retries: number;
  clock: Clock;
  /** Uniform in 0–1, for the jitter. */
  random: () => number;
  signal: AbortSignal;
  /** Told before each new try. */
  report: (message: string) => void;
  /** Bytes of the present try that are under way. */
  onSent: (bytes: number) => void;
}

export interface FileToSend {
  /** What the portal calls it. */
  name: string;
  /** CSV, zipped. */
  path: string;
  bytes: number;
  machineId: string;
  /** What the machine was then; null where the file does not tell. */
  facts: HostFacts | null;
}

/**
 * The portal's receipt. Sent again, a file adds nothing, so that a lost answer is no trouble.
 * @throws ExitError that says why it was not taken: 65 the data, 69 the address, 77 the key, 75 the portal does not answer, or not now.
 */
export async function sendFile(
  file: FileToSend,
  options: SendOptions,
): Promise<Record<string, unknown>> {
  const { portal, apiKey, retries, clock, random, signal, report } = options;
  const url = toApiUrl(portal, "api/v1/performance/upload");
  for (let failures = 0; ; failures += 1) {
    const outcome = await tryOnce(url, file, options);
    const { answer } = outcome;
    if (answer !== null) {
      const verdict = judge(answer);
      if (verdict === "taken") return answer.json;
      if (verdict !== "later") throw refused(file.name, answer, apiKey);
    }
    if (failures >= retries) {
      throw new ExitError(
        exitCodes.tryAgain,
        `Cannot upload ${file.name}: ${outcome.why}; gave up after ${failures + 1} tries, run it again later`,
      );
    }
    const delayMs = backoffMs(failures, { retryAfterMs: answer?.retryAfterMs ?? null, random });
    report(`${outcome.why}; trying again in ${Math.ceil(delayMs / 1000)} s`);
    await clock.sleep(delayMs, signal);
    signal.throwIfAborted();
  }
}

async function tryOnce(
  url: URL,
  file: FileToSend,
  { apiKey, signal, onSent }: SendOptions,
): Promise<{ answer: HttpAnswer | null; why: string }> {
  try {
    const answer = await sendRequest(url, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}` },
      body: toForm(file, onSent),
      signal,
    });
    return { answer, why: `the portal takes nothing now (${describeAnswer(answer)})` };
  } catch (error) {
    signal.throwIfAborted();
    const why = whyUnreachable(error);
    return { answer: null, why: `cannot reach the portal at ${url.origin}: ${why}` };
  }
}

function refused(name: string, answer: HttpAnswer, apiKey: string): ExitError {
  const isKey = answer.status === 401 || answer.status === 403;
  if (!isKey && judge(answer) === "misdirected") {
    return new ExitError(
      exitCodes.unavailable,
      `Cannot upload ${name}: no portal stands at this address (${describeAnswer(answer)}); files go to a portal, not to a pcd`,
    );
  }
  const faults = listFaults(answer.json["errors"]);
  const hint = isKey ? `, with the key …${apiKey.slice(-4)}` : "";
  return new ExitError(
    isKey ? exitCodes.permission : exitCodes.badData,
    `Cannot upload ${name}: the portal refuses it (${describeAnswer(answer)}${hint})${faults}`,
  );
}

/** Of a CSV that the portal does not understand: the first of what it names. */
function listFaults(errors: unknown): string {
  if (!Array.isArray(errors)) return "";
  const told = errors.slice(0, 5).map((each: unknown) => {
    if (typeof each !== "object" || each === null) return "";
    const { line, column, message } = each as Record<string, unknown>;
    const parts = [typeof line === "number" ? `line ${line}` : null, column, message];
    const text = parts.filter((part) => typeof part === "string").join(": ");
    return `\n  ${text.replaceAll(/\p{Cc}/gu, " ")}`;
  });
  return told.join("");
}

/** multipart/form-data: https://www.rfc-editor.org/rfc/rfc7578 */
function toForm(
  { name, path, bytes, machineId, facts }: FileToSend,
  onSent: SendOptions["onSent"],
): RequestBody {
  const boundary = `perfanalysis-${randomBytes(12).toString("hex")}`;
  const fileName = name.replaceAll(/[^\w.-]/g, "_").slice(-120);
  const renderField = (field: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from(
    renderField("machine_id", machineId) +
      (facts === null ? "" : renderField("host", renderHostFacts(facts))) +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}.csv.gz"\r\nContent-Type: application/gzip\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: head.length + bytes + tail.length,
    async *chunks() {
      let sent = 0;
      onSent(0);
      yield head;
      // Without an encoding, a file gives buffers.
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        yield chunk;
        sent += chunk.length;
        onSent(sent);
      }
      yield tail;
    },
  };
}
