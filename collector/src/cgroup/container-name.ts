// Which cgroups are containers', by the names that runtimes give them.

export interface ContainerCgroup {
  /** `docker`, `podman`, `containerd`, `crio`, `lxc`, `systemd-nspawn`; `kubernetes` or empty where the name does not tell. */
  runtime: string;
  /** 64 hexadecimal digits, or the name that its runtime has for it. */
  id: string;
  /** By which columns call it, but where two would be called the same. */
  name: string;
}

const runtimes: Readonly<Record<string, string>> = {
  docker: "docker",
  libpod: "podman",
  "libpod-payload": "podman",
  "cri-containerd": "containerd",
  nerdctl: "containerd",
  crio: "crio",
};

/** Where runtimes put containers whose cgroups are only called by their ids. */
const parents: readonly [part: RegExp, runtime: string][] = [
  [/\/docker(?:\/|$)/, "docker"],
  [/\/libpod_parent(?:\/|$)/, "podman"],
  [/\/kubepods(?:[-/.]|$)/, "kubernetes"],
];

const shortIdLength = 12;

/**
 * What the cgroup `name` in the folder `parent` (`/` and so on, from the root of the tree) is: a container, or whether others can be
 * below it. What is below a container is its own.
 */
export function recogniseCgroup(parent: string, name: string): ContainerCgroup | "enter" | "pass" {
  // Programs that watch over a container are none.
  if (/^(?:.+-)?conmon(?:-[0-9a-f]{64})?(?:\.scope)?$|^lxc\.(?:monitor|pivot)\b/.test(name)) {
    return "pass";
  }
  const [, prefix, id] = /^(?:(.+)-)?([0-9a-f]{64})(?:\.scope)?$/.exec(name) ?? [];
  if (id !== undefined) {
    return { runtime: findRuntime(prefix, parent), id, name: id.slice(0, shortIdLength) };
  }
  const lxc = /^lxc\.payload\.(.+)$/.exec(name)?.[1];
  if (lxc !== undefined) return toNamed("lxc", lxc);
  if (parent === "/lxc" || parent === "/lxc.payload") return toNamed("lxc", name);
  // libvirt's virtual machines are scopes of this kind, too.
  const machine =
    /^machine-(?!qemu\\x2d)(.+)\.scope$/.exec(name)?.[1] ??
    /^systemd-nspawn@(.+)\.service$/.exec(name)?.[1];
  return machine === undefined ? "enter" : toNamed("systemd-nspawn", unescapeUnit(machine));
}

function findRuntime(prefix: string | undefined, parent: string): string {
  if (prefix !== undefined) return runtimes[prefix] ?? prefix;
  return parents.find(([part]) => part.test(parent))?.[1] ?? "";
}

function toNamed(runtime: string, id: string): ContainerCgroup {
  return { runtime, id, name: id.replaceAll(/[\s\p{C},]/gu, "_") };
}

/** systemd writes what cannot stand in a unit's name as `\x2d`. */
function unescapeUnit(name: string): string {
  return name.replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
