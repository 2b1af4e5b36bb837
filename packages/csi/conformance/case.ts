import { Bench, type Reported } from './bench.ts';
import type { CsiCase, CsiSubject } from './subject.ts';

/** What a case needs of a driver: a service, a second machine, or something that the driver reports. */
export type Need = Reported | 'controller' | 'node' | 'two nodes' | 'group controller' | 'snapshot metadata';

/** Why a case does not apply, if it does not. */
export type Outcome = { readonly skipped: string } | undefined | void;

/** One case. `source` has the RPC or section of CSI 1.12, and csi-sanity's case where there is one. */
export function csiCase(
  id: string,
  title: string,
  source: string,
  needs: readonly Need[],
  run: (bench: Bench) => Promise<Outcome>,
): CsiCase {
  return {
    id: `csi.${id}`,
    title,
    source: `CSI 1.12: ${source}`,
    async run(connect) {
      const bench = new Bench(await connect());
      for (const need of needs) {
        const skipped = lacks(bench.subject, need) ?? ((await reports(bench, need)) ? undefined : `the driver does not report ${need}`);
        if (skipped !== undefined) return { skipped };
      }
      return (await run(bench)) ?? undefined;
    },
  };
}

/** Needs that are no capability, and what to say when they are not met. */
function lacks({ controller, groupController, snapshotMetadata, nodes }: CsiSubject, need: Need): string | undefined {
  if (need === 'controller') return controller ? undefined : 'the driver has no controller service';
  if (need === 'group controller') return groupController ? undefined : 'the driver has no group controller service';
  if (need === 'snapshot metadata') return snapshotMetadata ? undefined : 'the driver has no snapshot metadata service';
  if (need === 'node') return nodes[0]?.node ? undefined : 'the driver has no node service';
  if (need === 'two nodes') return nodes[1]?.node ? undefined : 'the subject has no second machine with a node service';
  return undefined;
}

async function reports(bench: Bench, need: Need): Promise<boolean> {
  return !need.includes(':') || bench.has(need as Reported);
}
