import { expect, test } from "vitest";
import { ContainerTree } from "./container-tree.ts";
import { createFakeCgroups } from "./fake-cgroups.ts";

const id = "942b476921d8001bc53b35e48954a3a280e4a4cdceee8f13dc9396caf72de7f7";
const docker = `docker-${id}.scope`;

function listAll(tree: ContainerTree): string[] {
  return [...(tree.step(Number.POSITIVE_INFINITY)?.keys() ?? [])].toSorted();
}

test("ContainerTree.step() finds containers wherever they are, and none inside of others", () => {
  const cgroups = createFakeCgroups();
  cgroups.add(`system.slice/${docker}/init.scope`);
  cgroups.add(`system.slice/${docker}/docker/${id}`);
  cgroups.add("system.slice/sshd.service");
  cgroups.add(`kubepods.slice/kubepods-podab.slice/cri-containerd-${id}.scope`);
  cgroups.add("lxc.payload.web/system.slice/cron.service");
  expect(listAll(new ContainerTree(cgroups.path))).toEqual([
    `/kubepods.slice/kubepods-podab.slice/cri-containerd-${id}.scope`,
    "/lxc.payload.web",
    `/system.slice/${docker}`,
  ]);
});

test("ContainerTree.step() sees what comes and goes between two walks", () => {
  const cgroups = createFakeCgroups();
  cgroups.add("system.slice/a.service");
  const tree = new ContainerTree(cgroups.path);
  expect(listAll(tree)).toEqual([]);
  cgroups.add(`system.slice/${docker}`);
  expect(listAll(tree)).toEqual([`/system.slice/${docker}`]);
  expect(listAll(tree)).toEqual([`/system.slice/${docker}`]);
  cgroups.remove(`system.slice/${docker}`);
  expect(listAll(tree)).toEqual([]);
});

test("ContainerTree.step() sees after some walks what came while another folder went", () => {
  const cgroups = createFakeCgroups();
  cgroups.add("system.slice/a.service");
  const tree = new ContainerTree(cgroups.path);
  listAll(tree);
  cgroups.remove("system.slice/a.service");
  cgroups.add(`system.slice/${docker}`);
  const walks = Array.from({ length: 7 }, () => listAll(tree).length);
  expect(walks.at(-1)).toBe(1);
});

test("ContainerTree.step() goes on where its budget ended before", () => {
  const cgroups = createFakeCgroups();
  for (let slice = 0; slice < 30; slice += 1) cgroups.add(`s${slice}.slice/lxc.payload.c${slice}`);
  const tree = new ContainerTree(cgroups.path);
  let steps = 1;
  let found = tree.step(40);
  while (found === null) {
    expect(tree.isWalking).toBe(true);
    found = tree.step(40);
    steps += 1;
  }
  expect(found.size).toBe(30);
  expect(steps).toBeGreaterThan(5);
  expect(tree.isWalking).toBe(false);
});

test("ContainerTree.step() finds nothing where there is no tree", () => {
  expect(listAll(new ContainerTree("/nonexistent"))).toEqual([]);
});
