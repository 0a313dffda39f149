import { expect, test } from "vitest";
import { recogniseCgroup } from "./container-name.ts";

const id = "942b476921d8001bc53b35e48954a3a280e4a4cdceee8f13dc9396caf72de7f7";

test.each([
  ["docker, systemd", "/system.slice", `docker-${id}.scope`, "docker"],
  ["docker, cgroupfs", "/docker", id, "docker"],
  ["docker, with a parent of its own", "/user.slice", `docker-${id}.scope`, "docker"],
  ["podman", "/machine.slice", `libpod-${id}.scope`, "podman"],
  [
    "podman without root",
    "/user.slice/user-1000.slice/user@1000.service/user.slice",
    `libpod-${id}.scope`,
    "podman",
  ],
  ["podman in a unit", "/system.slice/web.service", `libpod-payload-${id}`, "podman"],
  ["podman, cgroupfs", "/libpod_parent", `libpod-${id}`, "podman"],
  [
    "containerd in Kubernetes",
    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7f1c.slice",
    `cri-containerd-${id}.scope`,
    "containerd",
  ],
  ["CRI-O in Kubernetes", "/kubepods.slice/kubepods-pod7f1c.slice", `crio-${id}.scope`, "crio"],
  ["Kubernetes, cgroupfs", "/kubepods/besteffort/pod7f1c", id, "kubernetes"],
  ["nerdctl", "/system.slice", `nerdctl-${id}.scope`, "containerd"],
  ["an unknown runtime", "/system.slice", `lima-${id}.scope`, "lima"],
  ["an unknown parent", "/default", id, ""],
])("recogniseCgroup() knows a container of %s by its id", (_, parent, name, runtime) => {
  expect(recogniseCgroup(parent, name)).toEqual({ runtime, id, name: "942b476921d8" });
});

test.each([
  ["LXC", "/", "lxc.payload.web", "lxc", "web", "web"],
  ["LXC before 4.0", "/lxc", "web", "lxc", "web", "web"],
  ["nspawn as a unit", "/machine.slice", "systemd-nspawn@db.service", "systemd-nspawn", "db", "db"],
  [
    "nspawn as a scope",
    "/machine.slice",
    "machine-my\\x2ddb.scope",
    "systemd-nspawn",
    "my-db",
    "my-db",
  ],
  ["a name that no column can have", "/", "lxc.payload.a, b", "lxc", "a, b", "a__b"],
])(
  "recogniseCgroup() knows a container of %s by its name",
  (_, parent, folder, runtime, of, name) => {
    expect(recogniseCgroup(parent, folder)).toEqual({ runtime, id: of, name });
  },
);

test.each([
  ["/machine.slice", `libpod-conmon-${id}.scope`],
  ["/libpod_parent", "conmon"],
  ["/kubepods.slice/kubepods-pod7f1c.slice", `crio-conmon-${id}.scope`],
  ["/", "lxc.monitor.web"],
  ["/", "lxc.pivot"],
])("recogniseCgroup() passes over %s/%s, which only watches over a container", (parent, name) => {
  expect(recogniseCgroup(parent, name)).toBe("pass");
});

test.each([
  ["/", "system.slice"],
  ["/", "docker"],
  ["/", "kubepods.slice"],
  ["/kubepods.slice", "kubepods-burstable-pod7f1c.slice"],
  ["/", "lxc.payload"],
  ["/system.slice", "docker.service"],
  ["/machine.slice", "machine-qemu\\x2d1\\x2dvm.scope"],
  ["/machine.slice", "machine-libpod_pod_7f1c.slice"],
  ["/system.slice", `docker-${id.slice(1)}.scope`],
  ["/system.slice", `docker-${id}.slice`],
])("recogniseCgroup() looks for containers below %s/%s", (parent, name) => {
  expect(recogniseCgroup(parent, name)).toBe("enter");
});
