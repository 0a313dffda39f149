// The cookie that better-auth signs: <token>.<HMAC-SHA256 of the token, base64>, percent-encoded.
import { createHmac, timingSafeEqual } from "node:crypto";

/** With https, browsers take a __Host- cookie from this very host alone, never from a neighbour's subdomain. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:") ? "__Host-perfanalysis-session" : "perfanalysis-session";
}

/** The session's token in a Cookie header, or null where there is none that we have signed. */
export function parseSessionToken(
  cookieHeader: string,
  { name, secret }: { name: string; secret: string },
): string | null {
  for (const pair of cookieHeader.split(";")) {
    const [key, ...rest] = pair.trim().split("=");
    if (key !== name) continue;
    const token = verifySignature(decode(rest.join("=")), secret);
    if (token !== null) return token;
  }
  return null;
}

function verifySignature(value: string, secret: string): string | null {
  const dot = value.lastIndexOf(".");
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const given = Buffer.from(value.slice(dot + 1), "base64");
  const expected = createHmac("sha256", secret).update(token).digest();
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}
