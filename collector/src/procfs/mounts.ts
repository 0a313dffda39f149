// Format: https://man7.org/linux/man-pages/man5/proc_pid_mounts.5.html; show_vfsmnt() in fs/proc_namespace.c
import { malformed, quote } from "./number.ts";

export interface MountEntry {
  /** A device's path, `server:/export`, or the file system's own word for that it has none. */
  device: string;
  /** Where it is mounted, as the kernel writes it: white space and backslashes are octal, as in `/my\040data`. */
  path: string;
  /** For example ext4, nfs4 or fuse.sshfs. */
  type: string;
}

/**
 * What is mounted, in the order in which it was; a path can stand several times, and the last hides those before it.
 * @throws SyntaxError naming the line.
 */
export function parseMounts(text: string): MountEntry[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const [device, path, type] = line.split(" ");
    if (device === undefined || path === undefined || type === undefined || type === "") {
      const place = { file: "/proc/self/mounts", line: index + 1 };
      throw malformed(place, `${quote(line)} does not name a device, a path and a type`);
    }
    return [{ device, path, type }];
  });
}

/** The path itself. */
export function unescapePath(path: string): string {
  // The escapes are of single bytes, all of them ASCII.
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
