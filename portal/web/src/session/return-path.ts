/** Where to go after the sign-in: a path of this portal. Anything else, such as another host's address, becomes `/`. */
export function parseReturnPath(text: unknown): string {
  if (typeof text !== "string" || !text.startsWith("/")) return "/";
  const base = "https://portal.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  return url?.origin === base ? `${url.pathname}${url.search}` : "/";
}
