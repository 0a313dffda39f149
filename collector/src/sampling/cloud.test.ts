import { expect, test } from "vitest";
import { toPlace, type Firmware } from "./cloud.ts";

const nothing: Firmware = {
  sysVendor: null,
  productName: null,
  chassisAssetTag: null,
  biosVersion: null,
};
const virtual = "fpu vme hypervisor lahf_lm";
const real = "fpu vme lahf_lm vmx";

test.each<[string, Partial<Firmware>, string | null, object]>([
  [
    "AWS Nitro",
    { sysVendor: "Amazon EC2", productName: "m6i.2xlarge" },
    virtual,
    { cloud: "aws", instanceType: "m6i.2xlarge", virtualisation: "kvm" },
  ],
  [
    "AWS without a hypervisor",
    { sysVendor: "Amazon EC2", productName: "c5n.metal" },
    real,
    { cloud: "aws", instanceType: "c5n.metal", virtualisation: "none" },
  ],
  [
    "AWS Graviton, whose cpuinfo has no such flags",
    { sysVendor: "Amazon EC2", productName: "c7g.xlarge" },
    null,
    { cloud: "aws", instanceType: "c7g.xlarge", virtualisation: "kvm" },
  ],
  [
    "AWS Xen",
    { sysVendor: "Xen", productName: "HVM domU", biosVersion: "4.11.amazon" },
    virtual,
    { cloud: "aws", instanceType: null, virtualisation: "xen" },
  ],
  [
    "Azure",
    {
      sysVendor: "Microsoft Corporation",
      productName: "Virtual Machine",
      chassisAssetTag: "7783-7084-3265-9085-8269-3286-77",
    },
    virtual,
    { cloud: "azure", instanceType: null, virtualisation: "hyperv" },
  ],
  [
    "Hyper-V",
    { sysVendor: "Microsoft Corporation", productName: "Virtual Machine", chassisAssetTag: "1-2" },
    virtual,
    { cloud: null, instanceType: null, virtualisation: "hyperv" },
  ],
  [
    "GCP",
    { sysVendor: "Google", productName: "Google Compute Engine" },
    virtual,
    { cloud: "gcp", instanceType: null, virtualisation: "kvm" },
  ],
  [
    "Oracle",
    {
      sysVendor: "QEMU",
      productName: "Standard PC (i440FX + PIIX, 1996)",
      chassisAssetTag: "OracleCloud.com",
    },
    virtual,
    { cloud: "oracle", instanceType: null, virtualisation: "kvm" },
  ],
  [
    "Hetzner",
    { sysVendor: "Hetzner", productName: "vServer" },
    virtual,
    { cloud: "hetzner", instanceType: null, virtualisation: "kvm" },
  ],
  [
    "Scaleway",
    { sysVendor: "Scaleway", productName: "SCW-DEV1-S" },
    virtual,
    { cloud: "scaleway", instanceType: "DEV1-S", virtualisation: "kvm" },
  ],
  [
    "QEMU at home",
    { sysVendor: "QEMU", productName: "Standard PC (Q35 + ICH9, 2009)" },
    virtual,
    { cloud: null, instanceType: null, virtualisation: "kvm" },
  ],
  [
    "VMware",
    { sysVendor: "VMware, Inc.", productName: "VMware Virtual Platform" },
    virtual,
    { cloud: null, instanceType: null, virtualisation: "vmware" },
  ],
  [
    "a server",
    { sysVendor: "Dell Inc.", productName: "PowerEdge R740" },
    real,
    { cloud: null, instanceType: null, virtualisation: "none" },
  ],
  [
    "an unknown hypervisor",
    {},
    virtual,
    { cloud: null, instanceType: null, virtualisation: "unknown" },
  ],
  ["nothing", {}, null, { cloud: null, instanceType: null, virtualisation: null }],
])("toPlace() knows %s", (_, firmware, flags, place) => {
  expect(toPlace({ ...nothing, ...firmware }, flags)).toEqual(place);
});
