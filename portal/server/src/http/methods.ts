import { HttpProblem } from "@perfanalysis/contract/http-problem";
import type { App } from "./app.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Gathers what each address takes; what it returns answers 405 for the other methods. Call that behind all routes. */
export function gatherMethods(app: App): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methodsOf.get(url) ?? new Set();
    methodsOf.set(url, known);
    for (const name of [method].flat()) known.add(name);
  });
  return () => {
    // Registering adds to the map.
    for (const [url, allowed] of new Map(methodsOf)) {
      if (url.includes("*")) continue;
      const refused = methods.filter((method) => !allowed.has(method));
      const allow = [...allowed].join(", ");
      app.route({
        url,
        method: refused,
        config: { public: true },
        schema: { hide: true },
        handler: async ({ method }) => {
          throw new HttpProblem(405, "Wrong method", `${url} takes ${allow}, not ${method}.`, {
            headers: { allow },
          });
        },
      });
    }
  };
}
