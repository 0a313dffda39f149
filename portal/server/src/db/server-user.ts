import { spawn } from "node:child_process";
import { lchown, readFile, readdir, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";

/** Who runs PostgreSQL. `ids` is undefined where that is the user of this process. */
export interface ServerUser {
  name: string;
  ids?: { uid: number; gid: number };
}

/** PostgreSQL's programs look at nothing of our environment. */
const environment = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

/**
 * PostgreSQL refuses root and users without a line in /etc/passwd. As root: the owner of `dataDirectory` where there is
 * one, else "postgres", else "nobody".
 */
export async function chooseServerUser(dataDirectory: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { name: ownName() };
  const users = parsePasswd(await readFile("/etc/passwd", "utf8"));
  const owner = await stat(dataDirectory).catch(() => null);
  const isOwned = owner !== null && owner.uid !== 0;
  const user = isOwned
    ? users.find(({ ids }) => ids.uid === owner.uid)
    : (users.find(({ name }) => name === "postgres") ??
      users.find(({ name }) => name === "nobody"));
  if (user !== undefined) return user;
  throw new Error(
    isOwned
      ? `Cannot start PostgreSQL: ${dataDirectory} belongs to user ${owner.uid}, who is not in /etc/passwd`
      : `Cannot start PostgreSQL as root: it refuses root, and /etc/passwd has neither "postgres" nor "nobody" to run it`,
  );
}

/** Runs a program to its end. A program that cannot be started has status -1. */
export function runAs(
  user: ServerUser,
  command: string,
  parameters: readonly string[],
): Promise<{ status: number; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number; output: string }>();
  const child = spawn(command, parameters, {
    ...spawnOptions(user),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.once("error", (error) => resolve({ status: -1, output: error.message }));
  child.once("close", (status) => resolve({ status: status ?? -1, output }));
  return promise;
}

/** The working folder is one that every user may enter: PostgreSQL fails where it cannot name its own. */
export function spawnOptions(user: ServerUser) {
  return { ...user.ids, cwd: "/", env: environment };
}

/** Whether the user can enter `directory`, with all that stands above it. */
export async function canEnter(user: ServerUser, directory: string): Promise<boolean> {
  return (await runAs(user, "/bin/sh", ["-c", 'cd "$1"', "sh", directory])).status === 0;
}

/** Gives `path` and all below it to the user. */
export async function chownTree(path: string, user: ServerUser): Promise<void> {
  if (user.ids === undefined) return;
  const { uid, gid } = user.ids;
  await lchown(path, uid, gid);
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    await lchown(join(entry.parentPath, entry.name), uid, gid);
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new Error(
      `Cannot start PostgreSQL: it refuses user id ${process.getuid?.()}, which has no line in /etc/passwd; run as a user that has one, or give DATABASE_URL`,
      { cause: error },
    );
  }
}

function parsePasswd(text: string): { name: string; ids: { uid: number; gid: number } }[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 4)
    .map(([name = "", , uid, gid]) => ({ name, ids: { uid: Number(uid), gid: Number(gid) } }));
}
