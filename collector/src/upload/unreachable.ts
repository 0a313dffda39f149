// Why a portal was not reached, in words that say what to do about it.
import { messageOf } from "../message-of.ts";

/** Of https://nodejs.org/api/tls.html#x509-certificate-error-codes those of an authority that is not known here; Bun has the same. */
const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The connection's error, without Node's advice to its own users. */
export function whyUnreachable(error: unknown): string {
  const why = messageOf(error).replace(/; if the root CA is installed locally.*$/s, "");
  const isUnknown =
    error instanceof Error && "code" in error && unknownAuthority.has(String(error.code));
  return isUnknown
    ? `${why}; NODE_EXTRA_CA_CERTS names a file with its authority's certificate`
    : why;
}
