// Where a machine runs, as far as its firmware tells. Sources: dmidecode of such machines; cloud-init's ds-identify;
// systemd's src/basic/virt.c.

/** Files of /sys/class/dmi/id that everybody may read; null where there is none, as on most of arm64. */
export interface Firmware {
  sysVendor: string | null;
  productName: string | null;
  chassisAssetTag: string | null;
  biosVersion: string | null;
}

export interface Place {
  /** A provider's name, or null where nothing tells. */
  cloud: string | null;
  /** As the provider calls it; most do not write it into the firmware. */
  instanceType: string | null;
  /** What the machine runs on: `kvm`, `vmware`, …; null where nothing tells. */
  virtualisation: string | null;
}

interface Rule {
  cloud: string | null;
  virtualisation: string | null;
  matches: (firmware: Firmware) => boolean;
  /** Where the product's name is an instance type. */
  instanceType?: RegExp;
}

const vendor =
  (pattern: RegExp) =>
  ({ sysVendor }: Firmware): boolean =>
    sysVendor !== null && pattern.test(sysVendor);

/** The first that matches holds: clouds stand before the hypervisors that they use. */
const rules: readonly Rule[] = [
  {
    cloud: "aws",
    virtualisation: "kvm",
    matches: vendor(/^Amazon EC2$/),
    instanceType: /^[a-z][\w-]*\.[\w-]+$/,
  },
  {
    cloud: "aws",
    virtualisation: "xen",
    matches: ({ biosVersion }) => biosVersion !== null && biosVersion.endsWith("amazon"),
  },
  {
    cloud: "azure",
    virtualisation: "hyperv",
    matches: ({ chassisAssetTag }) => chassisAssetTag === "7783-7084-3265-9085-8269-3286-77",
  },
  { cloud: "gcp", virtualisation: "kvm", matches: vendor(/^Google$/) },
  {
    cloud: "oracle",
    virtualisation: "kvm",
    matches: ({ chassisAssetTag }) => chassisAssetTag === "OracleCloud.com",
  },
  { cloud: "hetzner", virtualisation: "kvm", matches: vendor(/^Hetzner$/) },
  { cloud: "digitalocean", virtualisation: "kvm", matches: vendor(/^DigitalOcean$/) },
  { cloud: "alibaba", virtualisation: "kvm", matches: vendor(/^Alibaba Cloud$/) },
  { cloud: "tencent", virtualisation: "kvm", matches: vendor(/^Tencent Cloud$/) },
  {
    cloud: "scaleway",
    virtualisation: "kvm",
    matches: vendor(/^Scaleway$/),
    instanceType: /^SCW-(.+)$/,
  },
  { cloud: "vultr", virtualisation: "kvm", matches: vendor(/^Vultr$/) },
  { cloud: "linode", virtualisation: "kvm", matches: vendor(/^(?:Linode|Akamai)$/) },
  { cloud: "upcloud", virtualisation: "kvm", matches: vendor(/^UpCloud$/) },
  {
    cloud: "openstack",
    virtualisation: "kvm",
    matches: ({ sysVendor, productName }) =>
      sysVendor === "OpenStack Foundation" || (productName ?? "").startsWith("OpenStack "),
  },
  { cloud: null, virtualisation: "vmware", matches: vendor(/^VMware, Inc\.$/) },
  { cloud: null, virtualisation: "virtualbox", matches: vendor(/^innotek GmbH$/) },
  { cloud: null, virtualisation: "xen", matches: vendor(/^Xen$/) },
  { cloud: null, virtualisation: "parallels", matches: vendor(/^Parallels/) },
  {
    cloud: null,
    virtualisation: "hyperv",
    matches: ({ sysVendor, productName }) =>
      sysVendor === "Microsoft Corporation" && productName === "Virtual Machine",
  },
  {
    cloud: null,
    virtualisation: "kvm",
    matches: ({ sysVendor, productName }) =>
      /^(?:QEMU|Red Hat|KubeVirt|oVirt)$/.test(sysVendor ?? "") ||
      /\bKVM\b/.test(productName ?? ""),
  },
];

/** `cpuFlags` are those of /proc/cpuinfo, where virtual machines of x86 have `hypervisor`; null where there are none. */
export function toPlace(firmware: Firmware, cpuFlags: string | null): Place {
  const isVirtual = cpuFlags === null ? null : / hypervisor /.test(` ${cpuFlags} `);
  const rule = rules.find(({ matches }) => matches(firmware));
  const [product, part] = rule?.instanceType?.exec(firmware.productName ?? "") ?? [];
  const bare = isVirtual === null ? null : "none";
  return {
    cloud: rule?.cloud ?? null,
    instanceType: part ?? product ?? null,
    // Clouds have machines without a hypervisor, too, whose firmware says the same.
    virtualisation:
      isVirtual === false
        ? bare
        : (rule?.virtualisation ?? (isVirtual === true ? "unknown" : null)),
  };
}
