// What the machine is goes beside its samples: with the first ones that are sent, and once an hour, since memory, CPUs and the
// distribution change while it runs, and a portal may forget a machine.
import type { HostFacts } from "@perfanalysis/contract/api";
import { maxHostFactsBytes, renderHostFacts } from "@perfanalysis/contract/host-facts";

const intervalUs = 3_600_000_000;

export class ToldFacts {
  private readonly read: () => HostFacts;
  private readonly monotonicUs: () => number;
  private toldUs = Number.NEGATIVE_INFINITY;

  constructor(read: () => HostFacts, { monotonicUs }: { monotonicUs: () => number }) {
    this.read = read;
    this.monotonicUs = monotonicUs;
  }

  /** As they are now, for the header; null where they were told within the hour, or there are none. */
  next(): string | null {
    if (this.monotonicUs() - this.toldUs < intervalUs) return null;
    const facts = this.read();
    const text = renderHostFacts(facts);
    if (Object.keys(facts).length > 0 && text.length <= maxHostFactsBytes) return text;
    this.setTold();
    return null;
  }

  setTold(): void {
    this.toldUs = this.monotonicUs();
  }

  /** Another portal does not know them. */
  forget(): void {
    this.toldUs = Number.NEGATIVE_INFINITY;
  }
}
