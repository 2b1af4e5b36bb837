import type { ConformanceCase } from '@slipway/kernel';
import { Bench, type CniSubject } from './subject.ts';

type Outcome = { readonly skipped: string } | undefined | void;

/** One case. `source` has sections of the CNI spec, numbers of this package's `spec.json`, and ids of Slipway's invariants. */
export function cniCase(id: string, title: string, source: string, run: (bench: Bench) => Promise<Outcome>): ConformanceCase<CniSubject> {
  return {
    id: `cni.${id}`,
    title,
    source: `CNI 1.1.0: ${source}`,
    run: async (connect) => (await run(new Bench(await connect()))) ?? undefined,
  };
}
