const bitsPerMegabit = 1e6;

/**
 * Bytes a second in one direction, by interface, of a text such as "eth0=1000, bond0=20000" in Mbit/s, as ethtool shows them.
 * Throws a RangeError that says how to write it.
 */
export function parseLineSpeeds(text: string): Map<string, number> {
  const speeds = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, name, megabits] = /^\s*([^\s=]+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    if (name === undefined || !(Number(megabits) > 0)) {
      throw new RangeError(
        `Cannot use network speeds "${text}": write interfaces and Mbit/s like "eth0=1000, eth1=10000"`,
      );
    }
    speeds.set(name, (Number(megabits) * bitsPerMegabit) / 8);
  }
  return speeds;
}
