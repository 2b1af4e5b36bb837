import type { TraceRecord } from '@slipway/kernel';
import type { Check, Onlooker } from '../invariants/invariant.ts';

/** Counts what contract methods answered: which outcomes a search has seen, and so which it has not. */
export class Coverage implements Onlooker {
  /** `csi.Controller/CreateVolume` → `OK`, `ABORTED`… → how often. */
  readonly counts = new Map<string, Map<string, number>>();

  watch(): readonly Check[] {
    return [{ trace: (record) => this.#count(record) }];
  }

  #count({ kind, name, data }: TraceRecord): void {
    if (kind !== 'answer') return;
    const outcomes = this.counts.get(name);
    const code = String(data[0]);
    if (outcomes) outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    else this.counts.set(name, new Map([[code, 1]]));
  }
}
