import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A new temporary folder that others may pass through: run as root, PostgreSQL works as another user, and its data
 * would go elsewhere, where removing the folder leaves them.
 */
export async function makeFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `perfanalysis-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}
