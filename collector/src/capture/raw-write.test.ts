import { join } from "node:path";
import { expect, test } from "vitest";
import { containerFields } from "../cgroup/container-fields.ts";
import { createFakeProcfs, createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices, offsetOf, type Layout } from "../sampling/layout.ts";
import { openRawWriter } from "./raw-write.ts";
import { readCapture } from "./read.ts";

test("openRawWriter() writes file systems and containers as readCapture() reads them", async () => {
  const devices = {
    ...noDevices,
    mount: ["/", "/srv/my\\040d\\303\\244ta", "/gone"],
    container: ["942b476921d8", "web"],
  };
  const layout = createLayout(devices);
  const values = new Float64Array(layout.size).fill(Number.NaN);
  const mounts = offsetOf(layout, "mounts");
  values.set([4096, 1000, 300, 250], mounts);
  values.set([512, 100, 50, 50], mounts + 6);
  const containers = offsetOf(layout, "containers");
  for (let at = containers; at < containers + 2 * containerFields.length; at += 1) values[at] = at;
  values[containers + containerFields.length] = Number.NaN;
  // perfcollector2 does not count kills.
  values[containers + containerFields.indexOf("oom_kill")] = Number.NaN;

  const path = join(createFolder(), "collection.json");
  const writer = openRawWriter(path, {
    procfs: createFakeProcfs().path,
    layout,
    identify: (device) => ({ id: `${device}${"0".repeat(52)}`, name: "", runtime: "docker" }),
    report: () => {},
  });
  writer.sample({ timeMs: 1_700_000_000_000, monotonicUs: 0, values });
  writer.end();

  const seen: { layout: Layout | null; values: Float64Array; identities: unknown[] } = {
    layout: null,
    values: new Float64Array(0),
    identities: [],
  };
  await readCapture(path, {
    name: path,
    visitor: {
      run: () => {},
      layout: (next) => {
        seen.layout = next;
      },
      container: (device, identity) => seen.identities.push([device, identity]),
      sample: (sample) => {
        seen.values = sample.values.slice();
      },
    },
  });
  const read = seen.layout ?? createLayout(noDevices);
  // A path is named by its own letters where a name can hold them.
  expect(read.devices.mount).toEqual(["/", "/srv/my\\040däta"]);
  expect(read.devices.container).toEqual(["942b476921d8"]);
  const readMounts = offsetOf(read, "mounts");
  expect([...seen.values.subarray(readMounts, readMounts + 4)]).toEqual([4096, 1000, 300, 250]);
  const readContainers = offsetOf(read, "containers");
  expect(seen.values.subarray(readContainers, readContainers + containerFields.length)).toEqual(
    values.subarray(containers, containers + containerFields.length),
  );
  const id = `942b476921d8${"0".repeat(52)}`;
  expect(seen.identities).toEqual([["942b476921d8", { id, name: "", runtime: "docker" }]]);
});
