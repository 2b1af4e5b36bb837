import { isPodReady, isTerminal, matchesLabelSelector, type Pod, type PodDisruptionBudget, type Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** What a budget allowed at its last revision that no eviction wrote, and what was granted since. */
interface Account {
  readonly allowed: number;
  granted: number;
}

const EVICT = 'api.Server/Evict';

/** Judged at each eviction that the API server grants for a ready pod with exactly one budget: each takes one from what it allows. */
export const budgetKept: Invariant = {
  id: 'SCH-08',
  name: 'budget-kept',
  kind: 'S',
  holds: 'granted evictions never exceed what the budget allowed at that revision',
  watch: (_world, { violated, met }) => {
    /** By namespace, then name. */
    const budgets = new Map<string, Map<string, { readonly budget: Stored<PodDisruptionBudget>; readonly account: Account }>>();
    return {
      resources: ['pods', 'poddisruptionbudgets'],
      write({ resource, type, object, old }, by) {
        const { namespace = '', name } = object.metadata;
        if (resource === 'poddisruptionbudgets') {
          const known = budgets.get(namespace) ?? new Map();
          budgets.set(namespace, known);
          const budget = object as Stored<PodDisruptionBudget>;
          const account = known.get(name)?.account;
          if (type === 'DELETED') known.delete(name);
          else known.set(name, { budget, account: by?.name === EVICT && account ? account : { allowed: allowedBy(budget), granted: 0 } });
          return;
        }
        if (by?.name !== EVICT || type === 'ADDED') return;
        const pod = (old ?? object) as Stored<Pod>;
        if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod) || pod.status?.phase === 'Pending' || !isPodReady(pod)) return;
        // The mark comes first, then the deletion: the eviction is counted once.
        if (isMarked(pod)) return;
        const concerned = [...(budgets.get(namespace)?.values() ?? [])].filter(({ budget }) =>
          matchesLabelSelector(budget.spec?.selector, pod.metadata.labels),
        );
        const [only] = concerned;
        if (!only || concerned.length > 1) return;
        met();
        only.account.granted += 1;
        const { allowed, granted } = only.account;
        if (granted <= allowed) return;
        const title = `PodDisruptionBudget ${namespace}/${only.budget.metadata.name}`;
        violated(
          `an eviction of ${podTitle(pod)} was granted to ${by.actor}, the ${ordinal(granted)} of ${allowed} that ${title} allows`,
          podTitle(pod),
          title,
        );
      },
    };
  },
};

/** Nothing while its newest spec has not been worked out. */
function allowedBy({ metadata, status }: Stored<PodDisruptionBudget>): number {
  if (!status || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return 0;
  return Math.max(0, status.disruptionsAllowed);
}

const isMarked = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: is, reason }) => type === 'DisruptionTarget' && is === 'True' && reason === 'EvictionByEvictionAPI',
  ) ?? false;

const ordinal = (number: number): string => (number === 1 ? 'first' : number === 2 ? 'second' : number === 3 ? 'third' : `${number}th`);
