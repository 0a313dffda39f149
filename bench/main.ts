// Runs one benchmark by name: npm run bench -- NAME
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const folder = import.meta.dirname;
const shared = new Set(["main.ts", "generate.ts", "pcd-agents.ts", "portal.ts", "spool-driver.ts"]);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !shared.has(file))
  .map((file) => file.slice(0, -".ts".length));

const [name = ""] = process.argv.slice(2);
if (names.includes(name)) {
  // Each file in this folder that is not shared exports run().
  const { run } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as {
    run: () => Promise<void>;
  };
  await run();
} else {
  console.error(`Cannot run the benchmark "${name}". There are: ${names.join(", ")}.`);
  console.error("Example: npm run bench -- upload");
  process.exitCode = 64;
}
